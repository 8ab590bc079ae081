"""Fine-tuning jobs and files at the provider: created once, recovered, adopted, followed."""
