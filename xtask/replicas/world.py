"""The programs of a test: instances of the example `replicated`, redis-server, and nginx in front."""

import asyncio
import contextlib
import secrets

from process import Process, free_port

KEY = secrets.token_hex(32)
NAMES = ["a", "b", "c"]

NGINX = """\
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-errors.log; worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    map $http_mcp_session_id $balance {{ "" $request_id; default $http_mcp_session_id; }}
    upstream mcp {{ {balance} {servers} keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://mcp; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host $http_host; proxy_read_timeout 60s;
        }}
    }}
}}
"""


class Redis(Process):
    """A redis-server, in which each instance has a user of its own, so that one of them can be cut off."""

    def __init__(self, folder, persistent=False):
        self.folder = folder / "redis"
        self.folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        users = [f"user {name} on >{name} ~mcp:* +@all" for name in NAMES]
        settings = [
            f"port {port}", "bind 127.0.0.1", f"dir {self.folder}", 'save ""', "maxmemory-policy noeviction",
            f"appendonly {'yes' if persistent else 'no'}", "appendfsync always", *users,
        ]
        path = self.folder / "redis.conf"
        path.write_text("\n".join(settings) + "\n")
        super().__init__(["redis-server", str(path)], port, folder / "redis.log")

    def url(self, name):
        return f"redis://{name}:{name}@127.0.0.1:{self.port}"

    async def run(self, *words):
        arguments = ["redis-cli", "-p", str(self.port), *words]
        program = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
        output, _ = await program.communicate()
        return output.decode()

    async def cut_connections(self):
        await self.run("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    @contextlib.asynccontextmanager
    async def cut_off(self, name):
        """Keeps one instance away."""
        await self.run("ACL", "SETUSER", name, "off")
        await self.run("CLIENT", "KILL", "USER", name)
        try:
            yield
        finally:
            await self.run("ACL", "SETUSER", name, "on")


class World:
    """Instances with a proxy in front."""

    def __init__(self, example, folder, instances=3, balance="", redis=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.redis = redis
        ports = [free_port() for _ in range(instances)]
        port = free_port()
        servers = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports)
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, balance=balance, servers=servers, port=port))
        self.proxy = Process(["nginx", "-c", str(config)], port, folder / "nginx.log")
        # The name of the server, whichever instance is asked.
        self.host = f"127.0.0.1:{port}"
        self.instances = [
            Process([example], port, folder / f"{name}.log", self.environment(name, port))
            for name, port in zip(NAMES, ports)
        ]
        self.sites = [f"http://127.0.0.1:{port}/mcp" for port in ports]
        self.site = f"http://{self.host}/mcp"

    def environment(self, name, port):
        environment = {
            "MCP_LISTEN": f"127.0.0.1:{port}", "MCP_RESOURCE": f"http://{self.host}/mcp", "MCP_STATE_KEY": KEY,
            "MCP_NAME": name, "NO_COLOR": "1",
        }
        return environment | ({"MCP_REDIS": self.redis.url(name)} if self.redis else {})

    @contextlib.asynccontextmanager
    async def running(self):
        processes = ([self.redis] if self.redis else []) + [*self.instances, self.proxy]
        try:
            for process in processes:
                await process.start()
            yield self
        finally:
            for process in reversed(processes):
                await process.kill()

    async def restart(self, number):
        """Ends an instance as an orchestrator does, and starts it again."""
        instance = self.instances[number]
        instance.running.terminate()
        await asyncio.wait_for(instance.running.wait(), 60)
        await instance.start()

