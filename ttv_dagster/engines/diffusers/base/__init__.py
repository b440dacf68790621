"""What the engines that run pipelines of diffusers have in common."""
