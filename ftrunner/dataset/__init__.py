"""JSONL files become a report and the prepared streams that will be sent."""
