"""Jobs that delete and providers that receive are declared, as columns are."""

from core import periodic
from notifications.providers import PROVIDERS, registered
from privacy.register import REGISTER
from privacy.register.jobs import JOBS, NEEDS_NO_JOB, OTHERWISE
from privacy.register.recipients import BY_FOLDER, RECIPIENTS


def test_every_periodic_task_is_declared_with_its_period():
    declared = {(job.task, job.every) for job in JOBS}
    running = {
        (task.module_path, every.name) for every in periodic.Every for task in periodic.registered(every)
    }
    assert declared == running, "declare in privacy/register/jobs.py what it deletes"


def test_every_table_that_goes_says_what_deletes_it():
    deleted = {table for job in JOBS for table in job.tables} | OTHERWISE.keys()
    goes = {table.name for table in REGISTER if table.goes not in NEEDS_NO_JOB}
    assert goes - deleted == set(), "add it to a job in privacy/register/jobs.py, or to OTHERWISE"


def test_jobs_name_tables_that_there_are():
    known = {table.name for table in REGISTER}
    named = {table for job in JOBS for table in job.tables} | OTHERWISE.keys()
    assert named - known == set()


def test_every_provider_is_declared_as_a_recipient():
    assert [each.folder for each in RECIPIENTS] == list(PROVIDERS)


def test_a_recipient_is_said_to_be_asked_to_delete_where_it_can_be():
    can_be = {
        name for name, provider in zip(PROVIDERS, registered(), strict=True) if provider.erase is not None
    }
    assert {each.folder for each in RECIPIENTS if each.erased_each_night} == can_be


def test_every_recipient_that_is_somebody_says_where_it_is_and_what_it_gets():
    for each in BY_FOLDER.values():
        if each.folder != "simulator":
            assert all((each.name, each.country, each.receives, each.keeps)), each.folder
