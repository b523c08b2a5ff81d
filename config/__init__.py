"""The installation: settings, addresses, clock, queue."""

import django_stubs_ext

# Lets `forms.ModelForm[Resident]` and the like be written for the type checker.
django_stubs_ext.monkeypatch()
