"""The verdict on a client, from its requests."""
