"""The broker: our PGMQ transport, and the same messages through Redis and RabbitMQ where they are."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from kombu import Connection, Queue
from kombu.simple import SimpleQueue

from config import broker
from config.embedded import address


def _connection(url: str) -> Connection:
    options = address.broker_options(settings.DATABASES["default"], shared=False) if url.startswith("pgmq://") else {}
    return Connection(url, transport_options=options)


@pytest.mark.compat
def test_a_message_comes_out_as_it_went_in(broker_url: str) -> None:
    name = f"seamline_test_{uuid.uuid4().hex}"
    with _connection(broker_url) as link:
        queue = SimpleQueue(link, Queue(name, routing_key=name), no_ack=False)
        queue.put({"delivery": 7})
        message = queue.get(timeout=5)
        message.ack()
        assert message.payload == {"delivery": 7}
        with pytest.raises(queue.Empty):
            queue.get_nowait()
        queue.close()
        Queue(name)(link.channel()).delete()


@pytest.mark.compat
def test_celery_publishes_there(broker_url: str) -> None:
    name = f"seamline_test_{uuid.uuid4().hex}"
    with _connection(broker_url) as link:
        queue = SimpleQueue(link, Queue(name, routing_key=name))
        current_app.send_task("web.heartbeat", queue=name, routing_key=name, retry=False)
        message = queue.get(timeout=5)
        message.ack()
        assert message.headers["task"] == "web.heartbeat"
        queue.close()
        Queue(name)(link.channel()).delete()


@pytest.mark.django_db(transaction=True)
def test_setting_up_twice_is_setting_up_once() -> None:
    url = address.broker_url(settings.DATABASES["default"])
    broker.set_up(url, {})
    broker.set_up(url, {})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pgmq.meta WHERE queue_name = 'seamline'")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_an_older_schema_of_ours_is_replaced_and_a_foreign_one_left_alone() -> None:
    url = address.broker_url(settings.DATABASES["default"])
    broker.set_up(url, {})
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON SCHEMA pgmq IS 'pgmq 0.1, installed by Seamline'")
        cursor.execute("CREATE TABLE pgmq.of_old (id int)")
        broker.set_up(url, {})
        cursor.execute("SELECT to_regclass('pgmq.of_old'), obj_description('pgmq'::regnamespace, 'pg_namespace')")
        table, comment = cursor.fetchone()
        assert table is None
        assert comment.startswith("pgmq ")
        assert "0.1," not in comment

        cursor.execute("COMMENT ON SCHEMA pgmq IS 'made by our database team'")
        cursor.execute("CREATE TABLE pgmq.of_theirs (id int)")
        broker.set_up(url, {})
        cursor.execute("SELECT to_regclass('pgmq.of_theirs') IS NOT NULL")
        assert cursor.fetchone() == (True,)
        cursor.execute("DROP SCHEMA pgmq CASCADE")


def test_the_connection_string_is_the_urls_own_whatever_database_url_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:else@elsewhere:1/other")
    link = Connection(
        "pgmq://us%40er:p%27%20w@%2Fa%20folder:5432/seamline", transport_options={"conninfo": {"sslmode": "disable"}}
    )
    found = psycopg.conninfo.conninfo_to_dict(link.transport._conninfo())
    assert found["host"] == "/a folder"
    assert found["user"] == "us@er"
    assert found["password"] == "p' w"
    assert found["dbname"] == "seamline"
    assert found["sslmode"] == "disable"
