"""The project: settings, addresses, and the Celery application that every process must know."""

from loyalty.celery import app as celery_app

__all__ = ["celery_app"]
