"""Runtime: devices, memory estimate, FSDP."""
