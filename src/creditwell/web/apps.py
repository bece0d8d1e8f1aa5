from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "creditwell.web"
    label = "web"
