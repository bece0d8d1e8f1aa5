"""Creditwell: practice management for clinics that take money in advance."""

__version__ = "0.1.0"
