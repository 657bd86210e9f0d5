# Makes a Debian with the stand-in show the certificates of its domains, the way YunoHost keeps them. Lies in
# /opt/standin, and is run as its root.
set -e
install /opt/standin/nginx.py /usr/sbin/nginx
printf '[Service]\nExecStart=/usr/sbin/nginx\nExecReload=/bin/kill -HUP $MAINPID\n' >/etc/systemd/system/nginx.service

# What the stand-in says of a certificate that it does not make is what lies there.
mv /usr/bin/yunohost /usr/bin/yunohost-standin
cat >/usr/bin/yunohost <<'PYTHON'
#!/usr/bin/env python3
import json, os, subprocess, sys
if sys.argv[1:4] != ["domain", "cert", "status"]:
    os.execv("/usr/bin/yunohost-standin", ["yunohost"] + sys.argv[1:])
ended = subprocess.run(["/usr/bin/yunohost-standin"] + sys.argv[1:], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
said = ended.stdout.decode()
if ended.returncode == 0:
    answer = json.loads(said.strip().splitlines()[-1])
    for domain, certificate in answer["certificates"].items():
        folder = os.path.realpath("/etc/yunohost/certs/" + domain)
        if os.path.isdir(folder):
            own = folder.endswith("-selfsigned")
            certificate.update({"CA_type": "selfsigned" if own else "other", "style": "warning" if own else "success", "summary": "selfsigned" if own else "ok"})
    said = json.dumps(answer) + "\n"
sys.stdout.write(said)
sys.exit(ended.returncode)
PYTHON
chmod 755 /usr/bin/yunohost

# Its lock, which nobody else wants here.
mkdir -p /usr/lib/python3/dist-packages/moulinette
touch /usr/lib/python3/dist-packages/moulinette/__init__.py
cat >/usr/lib/python3/dist-packages/moulinette/core.py <<'PYTHON'
class MoulinetteLock:
    def __init__(self, name, timeout): pass
    def __enter__(self): return self
    def __exit__(self, *_): pass
PYTHON

getent group ssl-cert >/dev/null || groupadd ssl-cert
own=/etc/yunohost/certs/atelier-dubois.example-history/20260101.000000-selfsigned
mkdir -p $own
cd $own
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=atelier-dubois.example -keyout key.pem -out crt.pem 2>/dev/null
ln -s $own /etc/yunohost/certs/atelier-dubois.example
systemctl daemon-reload
systemctl start nginx
