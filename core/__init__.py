"""The ground of the house: what every app uses and that knows no commune."""
