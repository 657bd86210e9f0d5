//! Readings as they were recorded: nftables 1.0.6, iptables-save of 1.8.9, nginx -T of 1.22.

use super::*;
use rules::{Chain, Looks, Rule, Says};

const NFT: &str = include_str!("../../../../../tests/fixtures/guests/exposure/nft.json");

const IPTABLES: &str = "*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OPEN - [0:0]
:f2b - [0:0]
-A INPUT -p tcp -j f2b
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -p tcp -m multiport --dports 80,443 -m comment --comment \"the web\" -j OPEN
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 5000 -j ACCEPT
-A INPUT ! -s 10.0.0.0/8 -p tcp -m tcp --dport 5001 -j DROP
-A INPUT -p tcp -m tcp --dport 5001 -j ACCEPT
-A OPEN -j ACCEPT
-A f2b -s 192.0.2.66/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b -j RETURN
-A FORWARD -d 10.0.3.5/32 -p tcp -m tcp --dport 8000 -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 8443 -j DNAT --to-destination 10.0.3.5:8000
COMMIT
";

const NGINX: &str = r#"# configuration file /etc/nginx/nginx.conf:
http { map $host $x { default "a;b{"; }
upstream shop { server 10.0.3.7:9000; server 10.0.3.8:9000; }
server { listen 80 default_server; listen [::]:80; server_name _; return 404; }
server {
    listen 443 ssl; server_name shop.example *.shop.example; # not } this
    location / { proxy_pass http://shop; }
    location ~ ^/api/(?<rest>.*)$ { proxy_pass http://10.0.3.5:8000/$rest; }
    location /plain { proxy_set_header X "${host}"; proxy_pass http://10.0.3.5; }
} }
"#;

fn knock(port: u16) -> Knock {
    Knock { to: None, port }
}

#[test]
fn a_ruleset_of_nftables_tells_what_becomes_of_a_connection() {
    let rules = nft::read(NFT).expect("a ruleset");
    for (port, expected) in
        [(22, "accepted"), (80, "accepted"), (443, "accepted"), (81, "dropped"), (7001, "dropped"), (8000, "unclear"), (7000, "unclear")]
    {
        let became = match rules.asked(Hook::Input, knock(port)) {
            Becomes::Accepted => "accepted",
            Becomes::Dropped(rule) => {
                assert!(rule.contains("inet filter"), "{rule}");
                "dropped"
            }
            Becomes::Unclear(rule) => {
                assert!(rule.contains("dport"), "{rule}");
                "unclear"
            }
        };
        assert_eq!(became, expected, "port {port}: {:?}", rules.asked(Hook::Input, knock(port)));
    }
    let into = |to: &str, port| rules.asked(Hook::Forward, Knock { to: to.parse().ok(), port });
    assert_eq!(into("10.0.3.5", 8000), Becomes::Accepted);
    assert!(matches!(into("10.0.4.5", 8000), Becomes::Dropped(_)) && matches!(into("10.0.3.5", 8001), Becomes::Dropped(_)));
    let (to, port, rule) = rules.sent_on(knock(8443)).expect("it is led on");
    assert_eq!((to, port), ("10.0.3.5".parse().ok(), 8000));
    assert!(rule.ends_with(": tcp dport 8443 dnat to 10.0.3.5:8000"), "{rule}");
    assert_eq!(rules.sent_on(knock(80)), None);
}

#[test]
fn what_iptables_saved_is_understood_too() {
    let rules = iptables::read(IPTABLES).expect("rules");
    assert_eq!([22, 80, 443].map(|port| rules.asked(Hook::Input, knock(port))), [Becomes::Accepted, Becomes::Accepted, Becomes::Accepted]);
    assert!(matches!(rules.asked(Hook::Input, knock(53)), Becomes::Dropped(rule) if rule == "iptables filter INPUT: policy drop"));
    assert!(matches!(rules.asked(Hook::Input, knock(5000)), Becomes::Unclear(rule) if rule.contains("-s 10.0.0.0/8")));
    // Only from a network: that is no ban.
    assert!(matches!(rules.asked(Hook::Input, knock(5001)), Becomes::Unclear(rule) if rule.contains("! -s")));
    let into = |port| rules.asked(Hook::Forward, Knock { to: "10.0.3.5".parse().ok(), port });
    assert!(matches!(into(8000), Becomes::Dropped(_)) && into(8001) == Becomes::Accepted);
    assert_eq!(rules.sent_on(knock(8443)).map(|(to, port, _)| (to, port)), Some(("10.0.3.5".parse().ok(), 8000)));
}

#[test]
fn servers_of_nginx_and_where_they_lead() {
    let servers = nginx::read(NGINX);
    assert_eq!(servers.len(), 2, "{servers:?}");
    assert!(servers[0].default_on == [80] && servers[0].ports == [80, 80] && servers[0].passes.is_empty());
    let shop = &servers[1];
    assert!(shop.is_for("shop.example") && shop.is_for("a.shop.example") && !shop.is_for("eshop.example") && shop.default_on.is_empty());
    assert_eq!((shop.tls_on.as_slice(), fallback(&servers, 80), fallback(&servers, 443)), (&[443][..], Some(&servers[0]), Some(shop)));
    assert_eq!(fallback(&servers, 8080), None);
    let included = |line: &str| nginx::folder(&format!("http {{\n  {line}\n}}\n"));
    assert_eq!(included("include /etc/nginx/conf.d/*.conf;").as_deref(), Some("/etc/nginx/conf.d"));
    assert_eq!(included("# include /etc/nginx/conf.d/*.conf;"), None);
    let passes: Vec<_> = shop.passes.iter().map(|(at, to)| (at.as_str(), to.as_str())).collect();
    assert_eq!(passes, [("/", "10.0.3.7:9000"), ("~ ^/api/(?<rest>.*)$", "10.0.3.5:8000"), ("/plain", "10.0.3.5:80")]);
}

#[test]
fn a_hostile_reading_ends_and_is_bounded() {
    // Chains that call each other for ever.
    let rule = |to: &str| Rule { looks: vec![(Looks::Unknown, false)], says: Says::Jump(to.to_owned()), text: to.to_owned() };
    let chain = |name: &str, to: &str, hook| Chain {
        table: "ip a".into(),
        name: name.into(),
        hook,
        priority: 0,
        drops: true,
        rules: vec![rule(to); 40],
    };
    let rules = Rules(vec![chain("a", "b", Some(Hook::Input)), chain("b", "a", None)]);
    assert!(matches!(rules.asked(Hook::Input, knock(80)), Becomes::Unclear(_)));
    assert!(nginx::read(&"server { ".repeat(5000)).len() <= 16);
    assert!(nginx::read("server { listen 80; server_name \"a").len() == 1);
    assert!(nft::read("{\"nftables\": [{\"rule\": {\"expr\": 7}}, {\"chain\": []}, 3]}").is_some() && nft::read("[").is_none());
}

#[test]
fn a_reading_is_taken_apart_by_its_mark_alone() {
    let text = "noise\nM sockets\n0100007F:1F40 77\n00000000:0050 78\n0000000000000000FFFF00000503000A:0051 79\nbroken\n\nM owners\n77 12 python3 -m http\n\nM addresses\n2: eth0    inet 192.0.2.7/24 brd x\\ valid\n2: eth0    inet6 2001:db8::7/64 scope\n\nM resolved\n192.0.2.9 STREAM a.example\n192.0.2.9 DGRAM\n\nM nft\n\nM iptables\n\nM nginx\nserver { listen 80; }\nX sockets\n\nM published\nforward 8080 10.0.3.5 8000 lxc::web\nforward 8081 10.0.3.5 8000 lxc::a$b\nforward 8082 not-an-address 8000 lxc::web\nsite /etc/nginx/conf.d # Written by Beffroi for lxc:/srv/lxc:web: shop.example 80 10.0.3.5:8000\nsite /etc/nginx/conf.d # by somebody else\n\nM fixed\n10.0.3.5\n\nM has\nnft\nyunohost\n";
    let place = understood(text, "M");
    let sockets: Vec<_> = place.listening.iter().map(|one| (one.address.to_string(), one.port)).collect();
    assert_eq!(sockets, [("127.0.0.1".to_owned(), 8000), ("0.0.0.0".to_owned(), 80), ("::ffff:10.0.3.5".to_owned(), 81)]);
    assert_eq!(place.listening[0].process, Some((12, "python3 -m http".to_owned())));
    let at = |address: &str| address.parse::<IpAddr>().expect("an address");
    assert!(
        !place.listening[0].takes(at("10.0.3.5")) && place.listening[1].takes(at("10.0.3.5")) && place.listening[2].takes(at("10.0.3.5"))
    );
    assert_eq!(place.addresses, [at("192.0.2.7"), at("2001:db8::7")]);
    assert_eq!((place.resolved, place.is_yunohost, place.servers.len()), (vec![at("192.0.2.9")], true, 1));
    assert!(place.rules.is_none(), "nothing was read");
    let entries: Vec<String> = place.published.iter().map(Published::entry).collect();
    assert_eq!(entries, ["dnat 8080 lxc::web", "nginx 80 shop.example lxc:/srv/lxc:web"]);
    assert!(place.has_nft && !place.has_iptables && !place.has_nginx && place.init.is_none() && place.nginx_folder.is_none());
    assert_eq!(place.fixed, [at("10.0.3.5")]);
}

#[test]
fn a_publication_is_told_apart_and_put_by_its_own_mark() {
    let mut guest = crate::Guest::new(beffroi_domain::GuestDriver::Lxc, "", "web");
    let port = |name: &str| crate::Port { name: name.into(), connect: "tcp:127.0.0.1:8000".into(), ..crate::Port::default() };
    guest.ports = vec![port("beffroi-8081"), port("page"), port("beffroi-x")];
    let mark = Mark::of(&guest).expect("a plain name");
    assert_eq!((mark.to_string().as_str(), mark.guest()), ("lxc::web", "web"));
    assert_eq!(devices(&guest).iter().map(|one| (one.port, one.to)).collect::<Vec<_>>(), [(8081, 8000)]);
    for hostile in ["a b", "a;b", "a\nb", "", "a\"b", "a:b"] {
        assert_eq!(Mark::of(&crate::Guest::new(beffroi_domain::GuestDriver::Lxc, "", hostile)), None, "{hostile:?}");
    }
    let address = Ipv4Addr::new(10, 0, 3, 5);
    let here = understood("\nM has\niptables\nnginx\nopenrc\n", "M");
    let forward = Published { mark: mark.clone(), port: 8080, to: 8000, how: How::Dnat { address } };
    let [put, back] = <[_; 2]>::try_from(forward.put("lxc-1/web", &here)).expect("two steps");
    assert!(put.shell.starts_with("set -- forward 8080 lxc::web 10.0.3.5 8000\n"), "{}", put.shell.lines().next().unwrap_or_default());
    assert!(back.shell.starts_with("set -- is-forward 8080 lxc::web 10.0.3.5 8000\n"));
    let shown =
        ["iptables -t nat -A BEFFROI -p tcp --dport 8080 -j DNAT --to-destination 10.0.3.5:8000", "rc-update add beffroi-forwards default"];
    assert_eq!(put.commands[1..], shown, "what this host has is what is shown");
    let taken = forward.take("lxc-1/web", &here);
    assert!(taken[0].shell.starts_with("set -- no-forward 8080 lxc::web\n") && taken[1].shell.starts_with("set -- is-no-forward 8080 "));
    let site = |name: &str| Published {
        mark: mark.clone(),
        port: 443,
        to: 8000,
        how: How::Nginx {
            folder: "/etc/nginx/conf.d".into(),
            name: name.into(),
            address,
            certificate: Some(("/a b".into(), "/key".into())),
        },
    };
    let shell = &site("shop.example").put("lxc-1/web", &here)[0].shell;
    assert!(shell.starts_with("set -- site /etc/nginx/conf.d shop.example 443 lxc::web 10.0.3.5 8000 '/a b' /key\n"));
    assert!(!site("a.example").is_in_place_of(&site("b.example")) && !site("a.example").is_in_place_of(&forward));
}
