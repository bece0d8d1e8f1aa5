"""Settings of the calendar: practitioners with hours and time off, appointment types."""
