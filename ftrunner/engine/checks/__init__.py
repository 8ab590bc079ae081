"""What is checked before anything is paid for."""
