"""Figures of a commune over a period: read from records and monthly sums, said in sentences, drawn."""
