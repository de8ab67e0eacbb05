"""What Blip promises in numbers, measured beside public baselines."""
