"""The addresses. They hold a language, a name and a number: nothing about anybody."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import path

from ruggespraak.web import (
    accounts,
    api,
    cds,
    country_run,
    errors,
    fhir_facade,
    health,
    mine,
    pages,
    practice,
    self_check,
    smart_launch,
    smart_page,
    smart_write_back,
)

urlpatterns = [accounts.callback, *smart_launch.callbacks]
urlpatterns += i18n_patterns(
    path("", pages.start, name="start"),
    path("check/", self_check.for_whom, name="begin"),
    path("check/<int:number>/", self_check.question, name="question"),
    path("check/answers/", self_check.answers, name="answers"),
    path("check/result/", self_check.result, name="result"),
    path("check/result-<paper:paper>.pdf", self_check.result_pdf, name="result_pdf"),
    path("check/erase/", self_check.erase, name="erase"),
    path("check/erased/", self_check.erased, name="erased"),
    path("leaflets/", pages.leaflets, name="leaflets"),
    path("leaflets/<slug:id>/", pages.general, name="leaflet"),
    path("leaflets/<slug:id>-<paper:paper>.pdf", pages.general_pdf, name="leaflet_pdf"),
    path("country/", pages.country, name="country"),
    path("about/", pages.about, name="about"),
    path("privacy/", pages.privacy, name="privacy"),
    *country_run.urlpatterns,
    *accounts.urlpatterns,
    *mine.urlpatterns,
    *practice.urlpatterns,
    *smart_launch.urlpatterns,
    *smart_page.urlpatterns,
    *smart_write_back.urlpatterns,
)
urlpatterns += [*health.urlpatterns, *api.urlpatterns, *cds.urlpatterns, *fhir_facade.urlpatterns]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = "ruggespraak.web.accounts.slow_down"  # as django-allauth asks for it
handler500 = errors.broken
