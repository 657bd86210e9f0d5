"""A stand-in for the commands of a Proxmox VE host that administer containers (see ../README.md)."""
