//! Documents as they come out: pages, text, tags, the same bytes for the same paper.

use beffroi_print::{Block, Column, Paper, Step, Table, pdf};

fn column(name: &str) -> Column {
    Column { name: name.to_owned(), ..Column::default() }
}

fn paper() -> Paper {
    let strings = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let rows = (0..120).map(|number| strings(&[&format!("hôte-{number}"), "Nextcloud", "31.0.2~ynh1", "à jour depuis l’été"])).collect();
    let mut long = strings(&["hôte-long", "x", "1"]);
    long.push("Une phrase qui ne finit pas. ".repeat(400));
    let hostile = strings(&["h\u{202e}etsoh", "\u{0}\u{1b}[31m", "中文", &"a".repeat(3000)]);
    let table = |rows| Table {
        columns: vec![column("Hôte"), column("Application"), Column { right: true, ..column("Version") }, column("État")],
        rows,
    };
    Paper {
        language: "fr".to_owned(),
        title: "État des serveurs".to_owned(),
        subtitle: "Société Générale d’Éclairage".to_owned(),
        about: vec![("Période".to_owned(), "du 1 au 30 novembre 2026".to_owned()), ("Établi le".to_owned(), "22/11/2026".to_owned())],
        foot: "Confidentiel · Beffroi".to_owned(),
        numbering: "page {page} / {pages}".to_owned(),
        made: (2026, 11, 22, 4, 0, 0),
        blocks: vec![
            Block::Heading { level: 1, text: "Applications".to_owned() },
            Block::Paragraph("Ce qui est installé, d’après le dernier relevé de chaque hôte\u{a0}: versions et mises à jour.".to_owned()),
            Block::Table(table(rows)),
            Block::Heading { level: 2, text: "Cas particuliers".to_owned() },
            Block::Note("Rien d’autre n’est à signaler.".to_owned()),
            Block::Table(table(vec![long, hostile])),
            Block::Table(table(Vec::new())),
            Block::Steps(vec![
                Step { text: "Se connecter à l’hôte.".to_owned(), code: "ssh admin@192.0.2.10 -p 22".to_owned() },
                Step { text: "Restaurer.".to_owned(), code: "yunohost backup restore 20261120-030000 --apps nextcloud --force ".repeat(4) },
                Step { text: "C’est tout.".to_owned(), code: String::new() },
            ]),
            Block::NewPage,
            Block::Signatures(vec![
                ("Remis par".to_owned(), vec!["Nom".to_owned(), "Date".to_owned(), "Signature".to_owned()]),
                ("Reçu par".to_owned(), vec!["Nom".to_owned(), "Date".to_owned(), "Signature".to_owned()]),
            ]),
        ],
    }
}

/// What another program reads in a document, page by page.
fn read(document: &[u8]) -> Vec<String> {
    let document = lopdf::Document::load_mem(document).expect("a document");
    let pages = document.get_pages();
    pages.keys().map(|page| document.extract_text(&[*page]).expect("its text").replace('\n', " ")).collect()
}

#[test]
fn a_paper_is_pages_with_all_of_its_text() {
    let document = pdf(&paper()).expect("a document");
    assert!(document.starts_with(b"%PDF-1.7"));
    assert_eq!(document, pdf(&paper()).expect("a document"), "the same paper, the same bytes");
    if let Some(path) = std::env::var_os("BEFFROI_LOOK") {
        std::fs::write(path, &document).expect("written");
    }
    let pages = read(&document);
    assert_eq!(pages.len(), 10);
    let text = pages.concat();
    assert!(text.contains("Société Générale d’Éclairage") && text.contains("hôte-119"), "{text}");
    assert!(pages.iter().enumerate().all(|(index, page)| page.contains(&format!("page {} / 10", index + 1))), "{text}");
    assert!(text.contains("h‹U+202E›etsoh") && text.contains("‹U+4E2D›") && !text.contains('\u{202e}'), "{text}");
    let heads = pages.iter().filter(|page| page.contains("Application")).count();
    assert!(heads >= 8, "the head of a table stands on every page that it goes on to: {heads}");
    assert_eq!(text.matches("phrase").count(), 400, "a row that is longer than a page is there to its end");
}

#[test]
fn an_empty_paper_and_one_of_two_hundred_hosts_are_papers() {
    let empty = pdf(&Paper { title: "x".to_owned(), language: "en".to_owned(), made: (2026, 1, 1, 0, 0, 0), ..Paper::default() });
    assert_eq!(read(&empty.expect("a document")).len(), 1);
    let mut many = paper();
    let row = |number: usize| vec![format!("host-{number}.example.org"), "x ".repeat(number % 40), String::new(), "é".repeat(number)];
    many.blocks = (0..3)
        .flat_map(|section| {
            let columns = vec![column("Host"), column("What"), column("Nothing"), column("Long")];
            let rows = (0..200).map(row).collect();
            [Block::Heading { level: 1, text: format!("Section {section}") }, Block::Table(Table { columns, rows })]
        })
        .collect();
    let pages = read(&pdf(&many).expect("a document"));
    assert!(pages.len() > 20 && pages.concat().contains("host-199.example.org"), "{}", pages.len());
}
