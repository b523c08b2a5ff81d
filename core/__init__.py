"""What every app uses. This package imports no other app and knows no commune."""
