"""The app as Django knows it."""

from django.apps import AppConfig


class Clinic(AppConfig):
    """All that is stored."""

    name = "ruggespraak.clinic"
    label = "clinic"
    default_auto_field = "django.db.models.BigAutoField"
