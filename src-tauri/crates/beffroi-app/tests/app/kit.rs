//! A machine with a vault, somebody who holds its root key and means ill, and a host to connect to.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use beffroi_app::{App, AppError, Authority, Change, HostOrder, JournalLine, Listener, Pace, Places, RunEnd, RunOrder, RunWhat};
use beffroi_domain::{CompartmentId, JournalEntry, StageName, TargetRecord};
use beffroi_secret::SecretText;
use beffroi_store::table::journal::JournalRow;
use beffroi_store::table::secret::SecretRow;
use beffroi_store::table::target::TargetRow;
use beffroi_store::{Catalog, DigestSource, StoreError, Writer};
use beffroi_vault::{Anchor, DigestRow, OpenVault, Place, Unlock};

/// The passphrase of every vault here.
pub(crate) const PASSPHRASE: &str = "bramble-cistern-hovel-pewter-yodel-catkin-mortar-swathe";
/// The secret of stage prod: words that no list has in this order.
pub(crate) const STAGE_SECRET: &str = "gravel-otter-plinth-umber-quiche-falcon-tundra-wharf";
/// Another one.
pub(crate) const OTHER_SECRET: &str = "marmot-lectern-oxbow-sulphur-kelp-andiron-zephyr-truss";

pub(crate) fn text(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// Remembers what changed.
#[derive(Default)]
pub(crate) struct Ears(Mutex<Vec<Change>>);

impl Ears {
    pub(crate) fn heard(&self) -> Vec<Change> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Listener for Ears {
    fn heard(&self, change: Change) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(change);
    }
}

/// A machine of its own: its state, and the vault `Acme` in `acme.beffroi`, which no process has open.
pub(crate) struct Ground {
    folder: tempfile::TempDir,
    words: SecretText,
}

/// What a ground begins with: made once, copied for each test, because stretching a passphrase is slow by design.
struct Template {
    folder: PathBuf,
    words: SecretText,
}

impl Template {
    /// Made in a thread of its own, whose runtime nobody else waits in.
    fn make(furnish: impl AsyncFnOnce(&App) + Send + 'static) -> Self {
        let made = std::thread::spawn(|| {
            // It stays until the process ends, as a static does.
            let folder = tempfile::tempdir().expect("a temporary folder").keep();
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
            let words = runtime.block_on(async {
                let app = app_in(&folder);
                let path = folder.join("acme").display().to_string();
                let (facts, words) = app.create_vault(&path, Some("Acme".to_owned()), text(PASSPHRASE)).await.expect("a new vault");
                assert_eq!(facts.name, "Acme");
                furnish(&app).await;
                app.lock_vault().await.expect("locked");
                words
            });
            Self { folder, words }
        });
        made.join().expect("a vault to copy")
    }

    fn ground(&self) -> Ground {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy_folder(&self.folder, folder.path());
        Ground { folder, words: self.words.duplicate() }
    }
}

impl Ground {
    /// Two hosts of dev, `web-1` and `web-2`, which log in with `acme/key`.
    pub(crate) fn new() -> Self {
        static PLAIN: OnceLock<Template> = OnceLock::new();
        PLAIN.get_or_init(|| Template::make(async |app: &App| furnish(app).await)).ground()
    }

    /// The same, and stage `prod`, protected by [`STAGE_SECRET`], without a host.
    pub(crate) fn with_prod() -> Self {
        static PROTECTED: OnceLock<Template> = OnceLock::new();
        let made = || {
            Template::make(async |app: &App| {
                furnish(app).await;
                app.add_stage("prod").await.expect("a new stage");
                let (stage, made) = app.protect_stage("prod", Some(text(STAGE_SECRET))).await.expect("protected");
                assert!(stage.protected && stage.open && made.is_none());
            })
        };
        PROTECTED.get_or_init(made).ground()
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn vault(&self) -> PathBuf {
        self.root().join("acme.beffroi")
    }

    pub(crate) fn path(&self) -> String {
        self.vault().display().to_string()
    }

    pub(crate) fn words(&self) -> SecretText {
        self.words.duplicate()
    }

    /// The recovery words, which need no key derivation.
    pub(crate) fn authority(&self) -> Authority {
        Authority::RecoveryWords(self.words())
    }

    pub(crate) fn app(&self) -> App {
        app_in(self.root())
    }

    /// Another machine: the same vault's folder, another state.
    pub(crate) fn elsewhere(&self, state: &str) -> App {
        App::new(Places::new(self.root().join(state)), Arc::new(Ears::default()))
    }

    pub(crate) async fn try_open(&self) -> Result<App, AppError> {
        let app = self.app();
        app.unlock_vault(&self.path(), self.authority()).await?;
        Ok(app)
    }

    pub(crate) async fn open(&self) -> App {
        self.try_open().await.expect("it opens by its recovery words")
    }

    /// The same with `prod` unsealed.
    pub(crate) async fn unsealed(&self) -> App {
        let app = self.open().await;
        app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
        app
    }

    /// Every file of the vault and of this machine's state that says what was seen, with its content.
    pub(crate) fn listing(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = files(&self.vault());
        found.extend(files(&self.root().join("state")));
        found
    }
}

pub(crate) fn app_in(root: &Path) -> App {
    App::new(Places::new(root.join("state")), Arc::new(Ears::default()))
}

async fn furnish(app: &App) {
    app.set_secret("acme/key", text("canary-7c1"), None).await.expect("a new secret");
    for name in ["web-1", "web-2"] {
        let identity = Some("acme/key".to_owned());
        let new = HostOrder { address: Some("192.0.2.1".to_owned()), identity, ..HostOrder::default() };
        app.add_host(name, new).await.expect("a new host");
    }
}

/// The files under a folder, by path, but locks and what the database keeps for itself.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path(), fs::read(entry.path()).expect("a file can be read")));
        }
    }
    found.sort();
    found
}

/// Copies a folder with everything in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

pub(crate) fn replace_folder(from: &Path, to: &Path) {
    fs::remove_dir_all(to).expect("removed");
    copy_folder(from, to);
}

/// Somebody who holds the root key, and works on the vault without this program.
pub(crate) struct Colleague {
    pub(crate) vault: OpenVault,
    pub(crate) catalog: Catalog,
}

impl Colleague {
    pub(crate) fn at(ground: &Ground) -> Self {
        Self::in_copy(ground, &ground.vault(), "state")
    }

    /// In a copy of the vault, on a machine with that state.
    pub(crate) fn in_copy(ground: &Ground, copy: &Path, state: &str) -> Self {
        let places = beffroi_vault::Places { anchors: ground.root().join(state).join("anchors") };
        let vault = beffroi_vault::open(copy, Unlock::RecoveryWords(&ground.words), &places).expect("it opens");
        let catalog = Catalog::open(&vault.catalog_path(), vault.database_key()).expect("it opens");
        for row in catalog.read(|reader| reader.compartments()).expect("the compartments") {
            let stage: StageName = row.stage.parse().expect("a name");
            vault.load_compartment(row.id, &stage, &row.wrapped).expect("loaded, or sealed");
        }
        Self { vault, catalog }
    }

    /// The compartment of a stage.
    pub(crate) fn compartment(&self, stage: &str) -> CompartmentId {
        let rows = self.catalog.read(|reader| reader.compartments()).expect("the compartments");
        rows.iter().find(|row| row.stage == stage).expect("the stage").id
    }

    pub(crate) fn target(&self, name: &str) -> TargetRow {
        self.catalog.read(|reader| reader.target_named(name)).expect("it can be read").expect("it is there")
    }

    /// A secret's row and envelope.
    pub(crate) fn secret(&self, name: &str) -> (SecretRow, Vec<u8>) {
        let found = self.catalog.read(|reader| {
            let row = reader.secret_named(name)?.expect("it is there");
            reader.sealed_secret(row.id)
        });
        found.expect("it can be read").expect("it is there")
    }

    /// A host's row with another record, authenticated as well as the root key can: under dev, and not at all elsewhere.
    pub(crate) fn with_record(&self, row: TargetRow, change: impl FnOnce(&mut TargetRecord)) -> TargetRow {
        let mut record = TargetRecord::from_canonical(&row.record).expect("a record");
        change(&mut record);
        let (revision, encoded) = (row.revision + 1, record.to_canonical());
        let place = Place {
            compartment: row.compartment,
            target: Some(row.id),
            table: "target",
            row: *row.id.as_bytes(),
            revision,
            field: "record",
        };
        let mac = self.vault.row_mac(&place, &encoded).unwrap_or(row.mac);
        TargetRow { name: record.name.to_string(), record: encoded, revision, mac, ..row }
    }

    /// Changes the catalog and nothing else.
    pub(crate) fn edit(self, work: impl FnOnce(&Writer<'_>) -> Result<(), StoreError>) {
        self.catalog.write(work).expect("it can be written");
    }

    /// Changes the catalog and covers it up: the digest, the journal's chain and both anchors are made to agree.
    pub(crate) fn edit_covertly(self, work: impl FnOnce(&Writer<'_>) -> Result<(), StoreError>) {
        let anchor = self.catalog.write(|writer| {
            work(writer)?;
            let last = writer.reader().last_entry()?.expect("an entry");
            let sources = writer.reader().digest_sources(Some(last.chain))?;
            let row = |row: &DigestSource| DigestRow { table: row.table, id: row.id, revision: row.revision, mac: row.mac };
            let (id, revision) = (*self.vault.id().as_bytes(), self.vault.header().revision);
            let header = DigestRow { table: "header", id, revision, mac: [0; 32] };
            let rows: Vec<_> = sources.iter().map(row).chain([header]).collect();
            let state_digest = self.vault.state_digest(&rows);
            let before = JournalEntry::from_canonical(&last.entry).expect("an entry");
            let entry = JournalEntry { sequence: last.number + 1, event: "vault-locked".to_owned(), state_digest, ..before }.to_canonical();
            let mac = self.vault.journal_mac(&last.mac, &entry);
            let (sequence, number) = (last.sequence + 1, last.number + 1);
            writer.append_entry(&JournalRow { sequence, chain: last.chain, number, entry, mac })?;
            Ok::<_, StoreError>(Anchor { sequence, journal_head: mac, state_digest })
        });
        self.vault.write_anchor(&anchor.expect("it can be written")).expect("it can be written");
    }
}

/// An address where nobody must ever come.
pub(crate) struct Trap(TcpListener);

impl Trap {
    pub(crate) fn set() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        Self(listener)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }

    #[track_caller]
    pub(crate) fn saw_nobody(&self) {
        let came = self.0.accept().map(|(_, from)| from);
        assert!(came.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "somebody connected");
    }
}

/// An OpenSSH server: on a free port of the loopback, with keys and a home of its own, as whoever runs the test.
pub(crate) struct Host {
    pub(crate) port: u16,
    folder: tempfile::TempDir,
    daemon: Child,
}

impl Host {
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    /// One whose account takes the keys of its home folder, as hosts do elsewhere, and this one to begin with.
    pub(crate) fn taking(line: &str) -> Self {
        let host = Self::with("Match all\nAuthorizedKeysFile {at}/home/.ssh/authorized_keys");
        let folder = host.home().join(".ssh");
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join("authorized_keys"), line).expect("a file");
        host
    }

    /// Adds lines to its configuration, `{at}` standing for its folder.
    pub(crate) fn with(lines: &str) -> Self {
        const SSHD: &str = "/usr/sbin/sshd";
        assert!(Path::new(SSHD).exists(), "install openssh-server: there is no {SSHD}");
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("home")).expect("a folder");
        // sshd wants the folder for its separated part; as another user it does without.
        drop(fs::create_dir_all("/run/sshd"));
        for name in ["host", "id", "ca"] {
            let path = folder.path().join(name);
            let mut command = Command::new("ssh-keygen");
            command.args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"]).arg(&path);
            assert!(command.status().expect("install openssh-client: there is no ssh-keygen").success());
            fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("permissions");
        }
        let mut signing = Command::new("ssh-keygen");
        signing.current_dir(folder.path()).args(["-q", "-s", "ca", "-I", "test", "-h", "-n", "127.0.0.1,localhost", "host.pub"]);
        assert!(signing.status().expect("ssh-keygen").success());
        // Between the look and sshd's bind another test may take the port: then it is tried again.
        for _ in 0..10 {
            let port = TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("an address").port();
            let at = folder.path().display();
            let lines = lines.replace("{at}", &at.to_string());
            let config = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {at}/host\nHostCertificate {at}/host-cert.pub\nAuthorizedKeysFile {at}/id.pub\nPidFile none\nUsePAM no\n\
                 StrictModes no\nSubsystem sftp internal-sftp\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n\
                 SetEnv HOME={at}/home XDG_STATE_HOME={at}/state\nLogLevel ERROR\n{lines}\n"
            );
            let path = folder.path().join("config");
            fs::write(&path, config).expect("a configuration");
            let mut daemon = Command::new(SSHD).args(["-D", "-e", "-f"]).arg(&path).stderr(Stdio::null()).spawn().expect("sshd");
            while daemon.try_wait().expect("a status").is_none() {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Self { port, folder, daemon };
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        unreachable!("sshd does not start");
    }

    /// The private key that lets in.
    pub(crate) fn key(&self) -> SecretText {
        SecretText::new(fs::read_to_string(self.folder.path().join("id")).expect("a key"))
    }

    /// The public key that signed the host's certificate, for `127.0.0.1` and `localhost`.
    pub(crate) fn authority(&self) -> String {
        let line = fs::read_to_string(self.folder.path().join("ca.pub")).expect("a key");
        line.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// What is said of the host when it is added to a vault.
    pub(crate) fn as_new(&self, stage: &str, identity: &str) -> HostOrder {
        let output = Command::new("ssh-keygen").arg("-lf").arg(self.folder.path().join("host.pub")).output().expect("ssh-keygen");
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        let user = Command::new("id").arg("-un").output().expect("id");
        HostOrder {
            address: Some("127.0.0.1".to_owned()),
            port: Some(self.port),
            user: Some(String::from_utf8(user.stdout).expect("UTF-8").trim().to_owned()),
            stage: Some(stage.to_owned()),
            identity: Some(identity.to_owned()),
            trust: vec![printed.split(' ').nth(1).expect("a fingerprint").to_owned()],
            ..HostOrder::default()
        }
    }

    /// Stores the key as `STAGE/key` and adds the host as `NAME` to a stage that is open.
    pub(crate) async fn join(&self, app: &App, name: &str, stage: &str) {
        let key = format!("{stage}/key");
        app.set_secret(&key, self.key(), Some(stage)).await.expect("a new secret");
        app.add_host(name, self.as_new(stage, &key)).await.expect("a new host");
    }

    /// How many connections there are.
    pub(crate) fn connections(&self) -> usize {
        self.serving().len()
    }

    /// Processes of sshd that serve a connection.
    pub(crate) fn serving(&self) -> Vec<String> {
        let parent = self.daemon.id().to_string();
        let listed = fs::read_dir("/proc").expect("processes").flatten();
        let is_child = |entry: &fs::DirEntry| {
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
            let mut fields = fields.split(' ');
            fields.next().is_some_and(|state| state != "Z") && fields.next() == Some(parent.as_str())
        };
        listed.filter(is_child).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // One that ended already cannot be killed, and need not be.
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

/// Runs a command on one host, its name typed. Gives what it printed.
pub(crate) async fn run_on(app: &App, host: &str, command: &str) -> Result<String, AppError> {
    let (on, typed) = (host.to_owned(), Some(host.to_owned()));
    let what = RunWhat { recipe: None, commands: vec![command.to_owned()], sudo: false, timeout_s: 60 };
    let started = app.start_run(RunOrder { on, what, pace: Pace::default(), typed }).await?;
    let result = app.wait_run(&started.run.to_string()).await?.results.pop().expect("a result");
    match result.end {
        RunEnd::Trouble(trouble) => Err(trouble.error()),
        _ => Ok(String::from_utf8_lossy(&result.output.expect("an output").stdout).trim().to_owned()),
    }
}

/// The whole journal, the oldest entry first.
pub(crate) async fn journal(app: &App) -> Vec<JournalLine> {
    let (mut lines, total) = app.journal(None, 1000).await.expect("a journal");
    assert_eq!(lines.len() as u64, total, "all of it fits one page");
    lines.reverse();
    lines
}

/// The events of the journal, the oldest first.
pub(crate) async fn events(app: &App) -> Vec<String> {
    journal(app).await.into_iter().map(|line| line.entry.event).collect()
}

/// Whether the vault's own check finds nothing.
#[track_caller]
pub(crate) fn holds(checks: &[beffroi_app::Check]) {
    let failed: Vec<_> = checks.iter().filter(|check| !check.held).map(|check| &check.what.key).collect();
    assert!(failed.is_empty() && !checks.is_empty(), "{failed:?}");
}

/// Waits until something is so; fails when it never is.
pub(crate) async fn until(what: &str, mut look: impl AsyncFnMut() -> bool) {
    for _ in 0..3000 {
        if look().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    unreachable!("waited in vain: {what}");
}
