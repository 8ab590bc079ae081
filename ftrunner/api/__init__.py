"""HTTP: one seam to the network, typed wire objects, one tree of errors."""
