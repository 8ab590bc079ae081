"""What a provider refuses, with the source of each rule."""
