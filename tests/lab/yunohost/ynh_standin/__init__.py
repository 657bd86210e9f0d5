"""A stateful imitation of the `yunohost` command, written from recordings of YunoHost 12.1.25."""
