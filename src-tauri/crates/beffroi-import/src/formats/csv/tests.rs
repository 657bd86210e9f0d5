use super::*;
use crate::{Entry, Kind, Unlock, Work, write};

fn with(name: &str, bytes: impl Into<Vec<u8>>, mapping: Option<CsvMapping>) -> Result<Parsed, ImportError> {
    let (source, unlock, work) = (Source::file(name, bytes), Unlock { mapping, ..Unlock::default() }, Work::default());
    read(&Reading { source: &source, unlock: &unlock, work: &work })
}

/// Reads what is told by its first row alone.
fn parsed(text: &str) -> Parsed {
    assert!(tells(&Source::file("export", text)), "{text}");
    with("export", text, None).expect("read")
}

fn value(entry: &Entry) -> &str {
    entry.value.as_ref().map_or("", |value| value.expose().as_str())
}

fn notes(entry: &Entry) -> &str {
    entry.notes.as_ref().map_or("", |value| value.expose().as_str())
}

fn words<'a>(list: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
    list.into_iter().map(String::as_str).collect()
}

#[test]
fn browsers() {
    let chrome = parsed("name,url,username,password,note\nexample.org,https://example.org/login,me,\"a,\"\"b\"\"\",first\n");
    let entry = &chrome.entries[0];
    assert_eq!((entry.title.as_str(), entry.user.as_deref(), value(entry), notes(entry)), ("example.org", Some("me"), "a,\"b\"", "first"));
    let firefox = parsed(
        "\"url\",\"username\",\"password\",\"httpRealm\",\"formActionOrigin\",\"guid\",\"timeCreated\",\"timeLastUsed\",\"timePasswordChanged\"\n\"https://a.example:8443\",\"me\",\"p\",\"Realm\",\"\",\"{g-1}\",\"1700000000000\",\"1700000000000\",\"1700000001000\"\n",
    );
    let entry = &firefox.entries[0];
    assert_eq!((entry.origin.as_str(), entry.title.as_str(), entry.changed_ms), ("{g-1}", "a.example:8443", Some(1_700_000_001_000)));
    assert_eq!((entry.fields[0].name.as_str(), entry.fields[0].value.expose().as_str()), ("httpRealm", "Realm"));
    let safari = parsed("Title,URL,Username,Password,Notes,OTPAuth\nA,https://a,me,p,,otpauth://totp/A?secret=JBSWY3DPEHPK3PXP\n");
    assert!(safari.entries[0].totp.is_some());
}

#[test]
fn password_managers() {
    let keepassxc = parsed(
        "\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\",\"TOTP\",\"Icon\",\"Last Modified\",\"Created\"\n\"Root/Web/Mail\",\"A\",\"u\",\"'=p\",\"\",\"two\nlines\",\"\",\"0\",\"2023-11-14T22:13:20Z\",\"2023-11-14T22:13:20Z\"\n\"Root\",\"B\",\"\",\"x\",\"\",\"\",\"\",\"0\",\"\",\"\"\n",
    );
    assert_eq!((words(&keepassxc.entries[0].path), keepassxc.entries[1].path.len()), (vec!["Web", "Mail"], 0));
    assert_eq!((value(&keepassxc.entries[0]), notes(&keepassxc.entries[0])), ("'=p", "two\nlines"));
    assert_eq!(keepassxc.entries[0].created_ms, Some(1_700_000_000_000));
    let keepass = parsed("\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"\n\"A\",\"u\",\"p\",\"https://a\",\"c\"\n");
    assert_eq!((value(&keepass.entries[0]), keepass.entries[0].urls.len()), ("p", 1));
    let onepassword = parsed("Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\nA,https://a,u,p,,true,true,one;two,n\n");
    assert_eq!((words(&onepassword.entries[0].tags), onepassword.entries[0].discarded), (vec!["favorite", "one", "two"], true));
    let dashlane = parsed("username,username2,username3,title,password,note,url,category,otpUrl\nu,u2,,A,p,n,https://a,Work,\n");
    assert_eq!((dashlane.entries[0].fields[0].name.as_str(), words(&dashlane.entries[0].path)), ("username2", vec!["Work"]));
    let nordpass = parsed(
        "name,url,additional_urls,username,password,note,cardholdername,cardnumber,cvc,pin,folder,type\nA,https://a,,u,p,,,4111,123,,F,password\n",
    );
    assert_eq!(
        nordpass.entries[0].fields.iter().map(|field| (field.name.as_str(), field.hidden)).collect::<Vec<_>>(),
        [("cardnumber", true), ("cvc", true)]
    );
    let proton = parsed(
        "type,name,url,email,username,password,note,totp,createTime,modifyTime,vault\nlogin,A,https://a,e@x,u,p,,,1700000000,1700000001,Personal\n",
    );
    assert_eq!((words(&proton.entries[0].path), proton.entries[0].created_ms), (vec!["Personal"], Some(1_700_000_000_000)));
}

#[test]
fn bitwarden_and_lastpass() {
    let bitwarden = parsed(
        "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\nWork/Web,1,login,A,,\"PIN: 1\nnote: a: b\nmore\",0,https://a,u,p,JBSWY3DPEHPK3PXP\n,,note,N,text,,0,,,,\n",
    );
    let fields: Vec<_> = bitwarden.entries[0].fields.iter().map(|field| (field.name.as_str(), field.value.expose().as_str())).collect();
    assert_eq!(fields, [("PIN", "1"), ("note", "a: b\nmore")]);
    assert_eq!((words(&bitwarden.entries[0].path), bitwarden.entries[1].kind), (vec!["Work", "Web"], Kind::Note));
    let lastpass = parsed(
        "url,username,password,totp,extra,name,grouping,fav\nhttps://a,u,p,,note,A,Work\\Web,0\nhttp://sn,,,,plain text,N,,0\nhttp://sn,,,,\"NoteType:Server\nHostname:db-1\nUsername:root\nPassword:s3\nNotes:n\",S,,1\n",
    );
    assert_eq!(
        (words(&lastpass.entries[0].path), lastpass.entries[1].kind, notes(&lastpass.entries[1])),
        (vec!["Work", "Web"], Kind::Note, "plain text")
    );
    let server = &lastpass.entries[2];
    assert_eq!((server.user.as_deref(), value(server), words(&server.hosts)), (Some("root"), "s3", vec!["db-1"]));
}

#[test]
fn lists_of_connections_give_hosts() {
    let termius = parsed(
        "Groups,Label,Tags,Hostname/IP,Protocol,Port,Username,Password\nProd/Web,web-1,\"a,b\",10.0.0.1,ssh,2222,root,s3\n,lab,,lab.local,,,,\n,sw,,10.0.0.9,telnet,23,,x\n",
    );
    assert_eq!((termius.hosts.len(), termius.entries.len()), (2, 2));
    let host = &termius.hosts[0];
    assert_eq!(
        (host.name.as_str(), host.address.as_str(), host.port, host.user.as_deref()),
        ("web-1", "10.0.0.1", Some(2222), Some("root"))
    );
    assert_eq!((host.credential.as_deref(), termius.entries[0].origin.as_str()), (Some("Prod/Web/web-1#root"), "Prod/Web/web-1#root"));
    assert_eq!((words(&host.tags), words(&termius.entries[0].hosts)), (vec!["a", "b"], vec!["web-1"]));
    assert_eq!((termius.hosts[1].credential.as_deref(), termius.refused[0].why), (None, "not-ssh"));
    let rdm = parsed(
        "Host,Name,ConnectionType,Group,CredentialUserName,CredentialPassword,Description\n10.0.0.1,web-1,SSHShell,Prod\\Web,root,s3,d\n10.0.0.2,win,RDPConfigured,Prod,adm,p,\n",
    );
    assert_eq!((rdm.hosts.len(), rdm.entries.len(), words(&rdm.hosts[0].path)), (1, 2, vec!["Prod", "Web"]));
    let royal =
        parsed("Type,Name,Path,URI,Port,CredentialUsername,CredentialPassword\nRoyalSSHConnection,web-1,Prod/Web,10.0.0.1,22,root,s3\n");
    assert_eq!((royal.hosts[0].port, royal.hosts[0].user.as_deref(), value(&royal.entries[0])), (None, Some("root"), "s3"));
}

#[test]
fn folders_of_mremoteng_are_rows() {
    let text = "Name;Id;Parent;NodeType;Description;Icon;Panel;Username;Password;Domain;Hostname;Protocol;PuttySession;Port\nweb;c1;f2;Connection;d;i;p;root;s3;;10.0.0.1;SSH2;Default Settings;2222;\nWeb;f2;f1;Container;;;;;;;;RDP;;3389;\nProd;f1;root;Container;;;;;;;;RDP;;3389;\nA;a;b;Container;;;;;;;;;;;\nB;b;a;Container;;;;;;;;;;;\nloop;c2;a;Connection;;;;u;p;;10.0.0.3;SSH2;;22;\n";
    let all = parsed(text);
    assert_eq!((words(&all.hosts[0].path), all.hosts[0].origin.as_str(), all.hosts[0].port), (vec!["Prod", "Web"], "c1", Some(2222)));
    assert_eq!((all.hosts.len(), all.hosts[1].path.len()), (2, crate::limits::MOST_DEPTH), "folders within each other end");
}

#[test]
fn any_other_file_by_a_mapping() {
    let text = "a\tb\tc\nroot\ts3\tweb-1\n";
    assert!(!tells(&Source::file("x.txt", text)));
    assert!(matches!(with("x.csv", text, None), Err(ImportError::Locked { what: "mapping" })));
    assert_eq!(headers(&Source::file("x.csv", text)).expect("headers"), ["a", "b", "c"]);
    let mapping = CsvMapping { columns: vec![Column::User, Column::Password, Column::Address], header: true };
    let all = with("x.csv", text, Some(mapping)).expect("read");
    assert_eq!((all.hosts[0].address.as_str(), all.hosts[0].credential.is_some(), value(&all.entries[0])), ("web-1", true, "s3"));
    let mapping = CsvMapping { columns: vec![Column::Title, Column::Password], header: false };
    assert_eq!(with("x.csv", text, Some(mapping)).expect("read").entries.len(), 2);
    let guessed = with("x.csv", "Nom;Mot de passe;Remarque\nA;p;r\n", None).expect("read");
    assert_eq!(
        (guessed.notices[0].key, value(&guessed.entries[0]), guessed.entries[0].fields[0].name.as_str()),
        ("guessed-columns", "p", "Remarque")
    );
}

#[test]
fn encodings_and_rows() {
    let text = "name,url,username,password\r\né,https://a,u,☃\r\n";
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [wide, marked] {
        assert!(tells(&Source::file("x", bytes.clone())));
        let all = with("x", bytes, None).expect("read");
        assert_eq!((all.entries[0].title.as_str(), value(&all.entries[0])), ("é", "☃"));
    }
    assert!(matches!(with("x", "name,url,username,password\na,b,c\n", None), Err(ImportError::Malformed { what: "row", at: 2 })));
    assert!(matches!(with("x", "name,url,username,password\n\na,b,c,d,e\n", None), Err(ImportError::Malformed { what: "row", at: 3 })));
}

#[test]
fn two_of_one_name_stay_two() {
    let all = parsed("name,url,username,password\na,https://a,u,p\na,https://b,u,q\n");
    let origins: Vec<&str> = all.entries.iter().map(|entry| entry.origin.as_str()).collect();
    assert_eq!(origins, ["a#u", "a#u#2"]);
}

#[test]
fn what_is_written_is_read_again_and_no_cell_is_a_formula() {
    let before = write::sample::entries();
    let bytes = write::csv::write(&before).expect("written");
    let text = std::str::from_utf8(&bytes).expect("text");
    let table = Table::of(text).expect("a table");
    for row in table.rows() {
        for cell in &row.expect("a row").1 {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
    }
    write::sample::same(&before, &parsed(text));
    assert_eq!(write::csv::left_out(&before)[0].what, "a.txt");
}
