"""What a command prints once: plans, records, comparisons."""
