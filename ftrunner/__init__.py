"""ftrunner: fine-tunes as code."""
