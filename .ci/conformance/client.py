"""This file is a client of the kernel for tests: it starts it, sends, and collects
what comes for one request."""

import contextlib

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

TIMEOUT = 30


@contextlib.contextmanager
def kernel(env=None, key=None, **options):
    """Starts a kernel; yields a client, whose manager is client.manager."""
    manager = KernelManager(kernel_name="cajal", **options)
    if key is not None:
        manager.session.key = key
    manager.start_kernel(**({"env": env} if env else {}))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        client.manager = manager
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@contextlib.contextmanager
def another(kc):
    """Connects a second client to the kernel of one."""
    client = BlockingKernelClient()
    client.load_connection_info(kc.manager.get_connection_info())
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        yield client
    finally:
        client.stop_channels()


def collect(kc, msg_id, control=False):
    """Returns the reply and all iopub messages up to idle of one request."""
    reply, outputs = None, []
    while True:
        m = kc.get_iopub_msg(timeout=TIMEOUT)
        if m["parent_header"].get("msg_id") != msg_id:
            continue
        outputs.append(m)
        if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
            break
    while reply is None:
        m = (kc.get_control_msg if control else kc.get_shell_msg)(timeout=TIMEOUT)
        if m["parent_header"].get("msg_id") == msg_id:
            reply = m
    return reply["content"], outputs


def run(kc, code, **options):
    """Runs a cell."""
    return collect(kc, kc.execute(code, **options))


def ask(kc, msg_type, control=False, **content):
    """Sends a request of any type, and collects."""
    return collect(kc, send(kc, msg_type, control, **content), control)


def send(kc, msg_type, control=False, **content):
    m = kc.session.msg(msg_type, content)
    (kc.control_channel if control else kc.shell_channel).send(m)
    return m["header"]["msg_id"]


def wait_until_idle(kc, msg_id):
    """Returns the iopub messages of a request that has no reply."""
    outputs = []
    while not outputs or outputs[-1]["content"].get("execution_state") != "idle":
        m = kc.get_iopub_msg(timeout=TIMEOUT)
        if m["parent_header"].get("msg_id") == msg_id:
            outputs.append(m)
    return outputs


def wait_until_it_prints(kc, word):
    while True:
        m = kc.get_iopub_msg(timeout=TIMEOUT)
        if m["msg_type"] == "stream" and word in m["content"]["text"]:
            return


def types(outputs):
    return [m["msg_type"] for m in outputs]


def text(outputs):
    return "".join(m["content"]["text"] for m in outputs if m["msg_type"] == "stream")


def result(outputs):
    return [m["content"]["data"]["text/plain"] for m in outputs if m["msg_type"] == "execute_result"]
