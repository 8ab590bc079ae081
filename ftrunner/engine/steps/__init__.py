"""The four steps, one module each: prepare, upload, train, test."""
