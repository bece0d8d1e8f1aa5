"""What somebody at the practice still has to do."""
