"""What is kept of a spec's runs, as one report."""
