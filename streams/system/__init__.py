"""The processes and ports of this machine."""
