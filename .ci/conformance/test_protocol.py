"""This file asks of the kernel what the protocol asks of all: the messages of every
request, their order, headers and signatures, and what happens to bad ones."""

import datetime
import os
import signal
import stat
import tempfile
import time

import jupyter_kernel_test.msgspec_v5 as spec
import psutil
import pytest
import zmq
from jupyter_client.manager import KernelManager

import client
from client import TIMEOUT, another, ask, collect, result, run, send, text, types, wait_until_idle, wait_until_it_prints

FRAMED = ["status", "status"]


def states(outputs):
    return [m["content"]["execution_state"] for m in outputs if m["msg_type"] == "status"]


@pytest.mark.parametrize("control", [False, True])
def test_kernel_info(kernel, control):
    reply, outputs = ask(kernel, "kernel_info_request", control)
    assert states(outputs) == ["busy", "idle"] and types(outputs) == FRAMED
    assert reply["protocol_version"] == "5.5.0"
    assert reply["implementation"] == "cajal" and reply["implementation_version"] and reply["banner"]
    language = reply["language_info"]
    assert language["name"] == "go" and language["mimetype"] == "text/x-go" and language["file_extension"] == ".go"
    assert language["version"].startswith("1.") and language["pygments_lexer"] == "go" and language["codemirror_mode"] == "go"
    assert "nbconvert_exporter" not in language
    assert isinstance(reply["supported_features"], list)
    assert all(set(link) == {"text", "url"} for link in reply["help_links"])


def test_headers(kernel):
    request = kernel.session.msg("execute_request", {"code": 'fmt.Println("x"); 1', "allow_stdin": False})
    request["header"]["unknown"] = {"kept": [1]}
    kernel.shell_channel.send(request)
    msg_id = request["header"]["msg_id"]
    outputs = wait_until_idle(kernel, msg_id)
    reply = kernel.get_shell_msg(timeout=TIMEOUT)
    now = datetime.datetime.now(datetime.timezone.utc)
    for m in [*outputs, reply]:
        assert m["parent_header"]["unknown"] == {"kept": [1]}
        assert m["header"]["version"] == "5.5"
        assert m["header"]["session"] == reply["header"]["session"] != kernel.session.session
        assert abs(now - m["header"]["date"]) < datetime.timedelta(minutes=1)
    ids = [m["header"]["msg_id"] for m in [*outputs, reply]]
    assert len(set(ids)) == len(ids)
    assert datetime.datetime.fromisoformat(reply["metadata"]["started"].replace("Z", "+00:00")) <= now


def test_every_message_is_of_its_type(kernel):
    msg_id = kernel.execute('fmt.Println("x"); display.Show(display.HTML("<b>x</b>")); display.Clear(true); 6 * 7')
    outputs = wait_until_idle(kernel, msg_id)
    reply = kernel.get_shell_msg(timeout=TIMEOUT)
    assert types(outputs) == ["status", "execute_input", "stream", "display_data", "clear_output", "execute_result", "status"]
    for m in outputs:
        spec.validate_message(m, m["msg_type"], msg_id)
    spec.validate_message(reply, "execute_reply", msg_id)
    msg_id = kernel.execute("panic(1)")
    outputs = wait_until_idle(kernel, msg_id)
    assert types(outputs) == ["status", "execute_input", "error", "status"]
    for m in outputs:
        spec.validate_message(m, m["msg_type"], msg_id)
    spec.validate_message(kernel.get_shell_msg(timeout=TIMEOUT), "execute_reply", msg_id)


@pytest.mark.parametrize(
    "msg_type,content",
    [
        ("complete_request", {"code": "strings.HasP", "cursor_pos": 12}),
        ("inspect_request", {"code": "strings.HasPrefix", "cursor_pos": 3, "detail_level": 0}),
        ("is_complete_request", {"code": "for {"}),
        ("history_request", {"hist_access_type": "tail", "n": 3, "raw": True, "output": False}),
        ("comm_info_request", {}),
    ],
)
def test_requests_are_framed(kernel, msg_type, content):
    reply, outputs = ask(kernel, msg_type, **content)
    assert types(outputs) == FRAMED and states(outputs) == ["busy", "idle"]
    spec.get_msg_content_validator(msg_type.replace("request", "reply"), 5).validate(reply)


def test_inspect(kernel):
    short, _ = ask(kernel, "inspect_request", code="strings.HasPrefix", cursor_pos=17, detail_level=0)
    assert short["status"] == "ok" and short["found"] and "func strings.HasPrefix" in short["data"]["text/plain"]
    nothing, _ = ask(kernel, "inspect_request", code="nope", cursor_pos=4, detail_level=0)
    assert nothing["status"] == "ok" and not nothing["found"] and nothing["data"] == {}
    run(kernel, "func twice(x int) int { return 2 * x }")
    source, _ = ask(kernel, "inspect_request", code="twice(1)", cursor_pos=2, detail_level=1)
    assert "return 2 * x" in source["data"]["text/plain"]


def test_comms(kernel):
    msg_id = send(kernel, "comm_open", comm_id="c1", target_name="nobody", data={})
    outputs = wait_until_idle(kernel, msg_id)
    assert types(outputs) == ["status", "comm_close", "status"]
    assert outputs[1]["content"]["comm_id"] == "c1"
    for msg_type in ["comm_msg", "comm_close"]:
        assert types(wait_until_idle(kernel, send(kernel, msg_type, comm_id="c1", data={}))) == FRAMED
    big = kernel.session.msg("comm_msg", {"comm_id": "c1", "data": {}})
    kernel.session.send(kernel.shell_channel.socket, big, buffers=[b"x" * 10_000_000])
    assert types(wait_until_idle(kernel, big["header"]["msg_id"])) == FRAMED
    assert ask(kernel, "comm_info_request")[0]["comms"] == {}


def test_silent(kernel):
    reply, outputs = run(kernel, "6 * 7", silent=True)
    assert reply["status"] == "ok" and types(outputs) == FRAMED
    count = reply["execution_count"]
    reply, outputs = run(kernel, "", silent=True)
    assert reply["execution_count"] == count and types(outputs) == FRAMED


def test_stop_on_error_false(kernel):
    hold = kernel.execute("time.Sleep(200 * time.Millisecond)")
    fail = kernel.execute('panic("x")', stop_on_error=False)
    after = kernel.execute("6 * 7")
    assert [collect(kernel, m)[0]["status"] for m in (hold, fail, after)] == ["ok", "error", "ok"]


def test_run_all_is_aborted(kernel):
    """The cells come at once, and the first fails before the last is here."""
    for _ in range(5):
        codes = ["nope()"] + [f"fmt.Println({i})" for i in range(30)]
        cells = [kernel.session.msg("execute_request", {"code": code}) for code in codes]
        for frames in [kernel.session.serialize(m) for m in cells]:
            kernel.shell_channel.socket.send_multipart(frames)
        replies = [collect(kernel, m["header"]["msg_id"]) for m in cells]
        assert [r["ename"] for r, _ in replies[1:]] == ["ExecutionAborted"] * 30
        assert all(types(outputs) == FRAMED for _, outputs in replies[1:])
        assert result(run(kernel, "6 * 7")[1]) == ["42"]


def test_interrupt_aborts_queue(kernel):
    endless = kernel.execute('fmt.Println("begun")\nfor {}')
    rest = [kernel.execute("1") for _ in range(3)]
    wait_until_it_prints(kernel, "begun")
    info = send(kernel, "comm_info_request")  # what is no cell does not wait
    assert types(wait_until_idle(kernel, info)) == FRAMED
    reply, outputs = ask(kernel, "interrupt_request", control=True)
    assert reply["status"] == "ok"
    assert [collect(kernel, m)[0]["status"] for m in [endless, *rest]] == ["error"] * 4
    assert result(run(kernel, "6 * 7")[1]) == ["42"]


def test_display_is_updated_by_a_later_cell(kernel):
    run(kernel, 'id := display.NewID()\ndisplay.ShowID(id, "one")')
    _, outputs = run(kernel, 'display.Update(id, "two")')
    update = [m["content"] for m in outputs if m["msg_type"] == "update_display_data"]
    assert len(update) == 1 and "two" in update[0]["data"]["text/plain"] and update[0]["transient"]["display_id"]


def test_prompt_goes_to_who_asked(kernel):
    with another(kernel) as other:
        msg_id = kernel.execute('fmt.Print("name? ")\nvar name string\nfmt.Scanln(&name)\nname')
        prompt = kernel.get_stdin_msg(timeout=TIMEOUT)
        assert prompt["parent_header"]["msg_id"] == msg_id
        assert set(prompt["content"]) == {"prompt", "password"}
        other.input("Golgi")  # nobody asked
        kernel.input("Cajal")
        _, outputs = collect(kernel, msg_id)
        assert result(outputs) == ['"Cajal"']
        assert not other.stdin_channel.msg_ready()


def test_interrupt_while_asking(kernel):
    msg_id = kernel.execute("var name string\nfmt.Scanln(&name)")
    kernel.get_stdin_msg(timeout=TIMEOUT)
    kernel.manager.interrupt_kernel()
    assert collect(kernel, msg_id)[0]["status"] == "error"
    assert result(run(kernel, "6 * 7")[1]) == ["42"]


def test_completion_while_a_cell_runs(kernel):
    msg_id = kernel.execute('fmt.Println("begun")\nfor {}')
    wait_until_it_prints(kernel, "begun")
    reply, _ = ask(kernel, "complete_request", code="strings.HasPre", cursor_pos=14)
    assert reply["matches"] == ["HasPrefix"]
    kernel.manager.interrupt_kernel()
    collect(kernel, msg_id)


def test_heartbeat_while_a_cell_runs(kernel):
    msg_id = kernel.execute('fmt.Println("begun")\nfor {}')
    wait_until_it_prints(kernel, "begun")
    s = zmq.Context.instance().socket(zmq.REQ)
    s.linger, s.rcvtimeo = 0, 1000 * TIMEOUT
    s.connect(f"tcp://127.0.0.1:{kernel.manager.hb_port}")
    for echo in [b"ping", b"", bytes(range(256))]:
        s.send(echo)
        assert s.recv() == echo
    s.close()
    kernel.manager.interrupt_kernel()
    collect(kernel, msg_id)


def test_first_message_of_every_subscriber_is_welcome(kernel):
    for topic in [b"", b"kernel.", b"stream"]:
        s = kernel.manager.context.socket(zmq.SUB)
        s.linger, s.rcvtimeo = 0, 1000 * TIMEOUT
        s.connect(f"tcp://127.0.0.1:{kernel.manager.iopub_port}")
        s.subscribe(topic)
        frames = s.recv_multipart()
        assert frames[0] == topic
        _, message = kernel.session.feed_identities(frames, copy=True)
        m = kernel.session.deserialize(message)
        assert m["msg_type"] == "iopub_welcome" and m["content"] == {"subscription": topic.decode()} and m["parent_header"] == {}
        s.close()


def test_without_a_key():
    with client.kernel(key=b"") as kc:
        assert text(run(kc, 'fmt.Println("x")')[1]) == "x\n"


def test_ipc():
    with tempfile.TemporaryDirectory() as folder:  # a short path: a socket's has 107 bytes at most
        with client.kernel(transport="ipc", ip=f"{folder}/k") as kc:
            assert text(run(kc, 'fmt.Println("x")')[1]) == "x\n"
            assert len(os.listdir(folder)) == 5
            ask(kc, "shutdown_request", control=True, restart=False)
            kc.manager.provisioner.process.wait(TIMEOUT)
            assert os.listdir(folder) == []


@pytest.mark.parametrize("scheme", ["hmac-md5", "hmac-sha512"])
def test_signature_schemes(scheme):
    manager = KernelManager(kernel_name="cajal")
    manager.session.signature_scheme = scheme
    manager.start_kernel()
    kc = manager.blocking_client()
    kc.session.signature_scheme = scheme
    kc.start_channels()
    try:
        kc.wait_for_ready(timeout=TIMEOUT)
        kc.manager = manager
        assert text(run(kc, 'fmt.Println("x")')[1]) == "x\n"
    finally:
        kc.stop_channels()
        manager.shutdown_kernel(now=True)


def test_bad_messages_get_no_answer(kernel):
    """Whatever comes, the kernel lives, and answers what is right."""
    good = kernel.session.serialize(kernel.session.msg("execute_request", {"code": "1"}))
    delimiter, signature, *parts = good[good.index(b"<IDS|MSG>") :]
    for frames in [
        [b""],
        [b"x"],
        [delimiter],
        [delimiter, signature],
        [delimiter, signature, *parts[:3]],
        [signature, *parts],
        [delimiter, b"", *parts],
        [delimiter, b"0" * 64, *parts],
        [delimiter, signature.upper(), *parts],
        [delimiter, signature, parts[0].replace(b"execute", b"eXecute"), *parts[1:]],
        [delimiter, kernel.session.sign([b"{", *parts[1:]]), b"{", *parts[1:]],
        [delimiter, kernel.session.sign([b"[]", *parts[1:]]), b"[]", *parts[1:]],
        [delimiter, kernel.session.sign([b"{}", *parts[1:]]), b"{}", *parts[1:]],
        [delimiter, kernel.session.sign([*parts[:3], b"\xff"]), *parts[:3], b"\xff"],
    ]:
        kernel.shell_channel.socket.send_multipart(frames)
    reply, outputs = run(kernel, "6 * 7")
    assert result(outputs) == ["42"] and reply["execution_count"] == 1
    assert not kernel.shell_channel.msg_ready() and not kernel.iopub_channel.msg_ready()


@pytest.mark.parametrize("control", [False, True])
def test_unknown_type_is_framed(kernel, control):
    assert types(wait_until_idle(kernel, send(kernel, "no_such_request", control, x=1))) == FRAMED
    assert result(run(kernel, "6 * 7")[1]) == ["42"]


@pytest.mark.parametrize("msg_type", ["execute_request", "complete_request", "inspect_request", "is_complete_request", "history_request"])
def test_malformed_content_is_an_error(kernel, msg_type):
    for content in [{"code": 1, "n": "x"}, {"code": ["x"], "n": {}}]:
        reply, outputs = ask(kernel, msg_type, **content)
        assert reply["status"] == "error" and msg_type in reply["evalue"]
        assert states(outputs) == ["busy", "idle"]
    assert ask(kernel, msg_type)[0]["status"] != "error" or msg_type == "execute_request"


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("code", ["1", "for {}", "select {}"])
def test_shutdown_while_a_cell_runs(kernel, code):
    """The kernel is gone, with the children of its cells, before it is signalled."""
    run(kernel, 'import "os/exec"\nc := exec.Command("sleep", "600")\nif err := c.Start(); err != nil { panic(err) }')
    child = int(result(run(kernel, "c.Process.Pid")[1])[0])
    assert not gone(child)
    kernel.execute('fmt.Println("begun")\n' + code)
    wait_until_it_prints(kernel, "begun")
    begin = time.monotonic()
    reply, outputs = ask(kernel, "shutdown_request", control=True, restart=False)
    assert reply == {"status": "ok", "restart": False}
    assert "shutdown_reply" in types(outputs)
    process = kernel.manager.provisioner.process
    assert process.wait(TIMEOUT) == 0
    assert time.monotonic() - begin < 2
    for _ in range(100):
        if gone(child):
            break
        time.sleep(0.02)
    assert gone(child)


def test_sigint_interrupts(kernel):
    msg_id = kernel.execute('kept := 42\nfmt.Println("begun")\nfor {}')
    wait_until_it_prints(kernel, "begun")
    os.kill(kernel.manager.provisioner.pid, signal.SIGINT)
    assert collect(kernel, msg_id)[0]["status"] == "error"
    assert result(run(kernel, "kept")[1]) == ["42"]


def test_history_is_kept_on_disk(tmp_path):
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    with client.kernel(env=env) as kc:
        run(kc, "first := 1")
    with client.kernel(env=env) as kc:
        run(kc, "second := 2")
        reply, _ = ask(kc, "history_request", hist_access_type="tail", n=10, raw=True, output=False)
        assert reply["history"] == [[1, 1, "first := 1"], [2, 1, "second := 2"]]
        reply, _ = ask(kc, "history_request", hist_access_type="range", session=-1, start=0, stop=None, raw=True, output=False)
        assert reply["history"] == [[1, 1, "first := 1"]]
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(files) == 1 and stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_idle_kernel_rests(kernel):
    run(kernel, 'fmt.Println("x")')
    p = psutil.Process(kernel.manager.provisioner.pid)
    time.sleep(0.5)
    before = sum(p.cpu_times()[:2])
    time.sleep(2)
    assert sum(p.cpu_times()[:2]) - before < 0.1
