"""A report sent where people look already: to trackers and as a notification."""
