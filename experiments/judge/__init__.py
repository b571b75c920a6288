"""The past and published figures as judges: hindcasts, validation, calibration."""
