"""One request over HTTP: built, sent, retried, recorded, read."""
