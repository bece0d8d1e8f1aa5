"""The calendar: day, week and list; booking; the appointment pop-up."""
