"""The addresses. They hold a language, a name and a number: nothing about anybody."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import path

from ruggespraak.web import accounts, api, country_run, errors, health, mine, pages, practice, self_check

urlpatterns = [accounts.callback]
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
)
urlpatterns += [*health.urlpatterns, *api.urlpatterns]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = "ruggespraak.web.accounts.slow_down"  # as django-allauth asks for it
handler500 = errors.broken
