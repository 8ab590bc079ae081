"""Accepts common lines without decoding them; everything else goes the full way."""
