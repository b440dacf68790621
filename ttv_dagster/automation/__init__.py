"""Who starts what, and when. Sensors and schedules are thin; what they do is in plain modules."""
