"""Practitioners, working hours, appointment types, appointments and their attendees."""
