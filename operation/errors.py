"""What a technician is told when a backup, a restore or a move is not possible. Nothing was changed then."""


class OperationRefused(Exception):
    """Its text says what is wrong and what to do. It holds no personal data."""
