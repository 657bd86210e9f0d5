/** Specifications that one begins with: nothing speaks against them but an image that is not pinned yet. */
export const templateNames = ['web', 'static', 'database'] as const;
export type TemplateName = (typeof templateNames)[number];

export const templates: Record<TemplateName, string> = {
  web: `image = "alpine-3.22"

[service]
name = "web"
command = ["/usr/bin/python3", "/opt/web/main.py"]

[packages]
install = ["python3"]

[[files]]
path = "/opt/web/main.py"
source = "main.py"

[environment]
PORT = "8000"

[[volumes]]
name = "data"
path = "/srv/data"

[limits]
memory = "256 MiB"
cpus = 1

[health]
http = { port = 8000, path = "/" }
`,
  static: `image = "debian-12"

[service]
name = "site"
command = ["/usr/bin/python3", "-m", "http.server", "8000", "--directory", "/srv/site"]

[packages]
install = ["python3"]

[[volumes]]
name = "site"
path = "/srv/site"

[limits]
memory = "128 MiB"
cpus = 0.5

[health]
http = { port = 8000, path = "/" }
`,
  database: `image = "debian-12"

[service]
name = "mariadb"

[packages]
install = ["mariadb-server"]

[[volumes]]
name = "data"
path = "/var/lib/mysql"

[limits]
memory = "1 GiB"
cpus = 2

[health]
command = ["/usr/bin/mariadb-admin", "ping"]
`,
};

/** The parts that can be made by themselves. */
export const parts = ['image', 'user', 'packages', 'files', 'service', 'health'] as const;
export type Part = (typeof parts)[number];
