"""Fine-tuning jobs: made, trained by the clock, ended."""
