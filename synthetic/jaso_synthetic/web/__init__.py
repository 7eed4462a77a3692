"""The sample sites on loopback: server, faults, hazards, pages."""
