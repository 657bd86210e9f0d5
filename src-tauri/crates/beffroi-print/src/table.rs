//! Tables: how wide columns are, and rows that go over pages.

use crate::face::{Face, drawable};
use crate::flow::{BOTTOM, Flow, Ink, Kind, Letters, SIDE, TOP, WIDTH, broken};
use crate::{Column, Table};

const CELL: Letters = Letters::new(Face::Text, 8.2, Ink::Text);
const FIXED: Letters = Letters::new(Face::Fixed, 7.4, Ink::Text);
const HEAD: Letters = Letters::new(Face::Strong, 8.0, Ink::Text);
/// Between two columns.
const GAP: f32 = 10.0;
/// By how much lines and grounds stand out beside the text.
const INSET: f32 = 4.0;
/// Above and below the text of a row.
const PAD: f32 = 3.0;

fn letters(column: &Column) -> Letters {
    if column.fixed { FIXED } else { CELL }
}

/// Rows whose cells are in lines.
struct Row {
    cells: Vec<Vec<String>>,
    lines: usize,
}

fn row(cells: &[String], columns: &[Column], widths: &[f32], letters: impl Fn(&Column) -> Letters) -> Row {
    let cell = |(index, column): (usize, &Column)| {
        let letters = letters(column);
        let text = cells.get(index).map_or("", String::as_str);
        broken(text, widths[index], letters.face, letters.size)
    };
    let cells: Vec<Vec<String>> = columns.iter().enumerate().map(cell).collect();
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
    Row { cells, lines }
}

impl Flow {
    pub(crate) fn table(&mut self, table: &Table) {
        let columns: Vec<Column> = table.columns.iter().map(|column| Column { name: drawable(&column.name), ..column.clone() }).collect();
        let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(|cell| drawable(cell)).collect()).collect();
        let widths = widths(&columns, &rows);
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        let head = row(&names, &columns, &widths, |_| HEAD);
        let part = self.part(0, Kind::Table);
        // The head is never alone at the foot of a page.
        self.room(height(&head, HEAD) + CELL.leading() + 3.0 * PAD);
        self.head(Some(part), &head, &columns, &widths);
        for cells in &rows {
            self.row(part, &row(cells, &columns, &widths, letters), &head, &columns, &widths);
        }
        self.y += 8.0;
    }

    /// The head; once more on another page it only decorates.
    fn head(&mut self, table: Option<usize>, head: &Row, columns: &[Column], widths: &[f32]) {
        let tall = height(head, HEAD);
        self.area(SIDE - INSET, self.y, WIDTH + 2.0 * INSET, tall, Ink::Soft);
        let line = table.map(|table| self.part(table, Kind::Row));
        let mut x = SIDE;
        for (index, lines) in head.cells.iter().enumerate() {
            let cell = line.map(|line| self.part(line, Kind::Head));
            self.cell(cell, x, self.y + PAD, widths[index], columns[index].right, HEAD, lines);
            x += widths[index] + GAP;
        }
        self.y += tall;
        self.area(SIDE - INSET, self.y - 0.8, WIDTH + 2.0 * INSET, 0.8, Ink::Accent);
    }

    /// A row, on as many pages as it takes.
    fn row(&mut self, table: usize, row: &Row, head: &Row, columns: &[Column], widths: &[f32]) {
        let part = self.part(table, Kind::Row);
        let cells: Vec<usize> = row.cells.iter().map(|_| self.part(part, Kind::Cell)).collect();
        let whole = BOTTOM - TOP - height(head, HEAD);
        let mut from = 0;
        while from < row.lines {
            let left = fitting(BOTTOM - self.y);
            let rest = row.lines - from;
            // One that fits on a page stays whole; of a longer one no single line is left behind.
            if (rest > left && (rest <= fitting(whole) || left < 4)) && self.y > TOP + height(head, HEAD) + 1.0 {
                self.new_page();
                self.head(None, head, columns, widths);
                continue;
            }
            let to = row.lines.min(from + left.max(1));
            let mut x = SIDE;
            for (index, lines) in row.cells.iter().enumerate() {
                let lines = lines.get(from.min(lines.len())..to.min(lines.len())).unwrap_or_default();
                self.cell(Some(cells[index]), x, self.y + PAD, widths[index], columns[index].right, letters(&columns[index]), lines);
                x += widths[index] + GAP;
            }
            self.y += count(to - from) * CELL.leading() + 2.0 * PAD;
            self.area(SIDE - INSET, self.y - 0.4, WIDTH + 2.0 * INSET, 0.4, Ink::Rule);
            from = to;
        }
    }

    #[expect(clippy::too_many_arguments, reason = "where a cell stands and what it is")]
    fn cell(&mut self, part: Option<usize>, x: f32, top: f32, width: f32, right: bool, letters: Letters, lines: &[String]) {
        for (index, line) in lines.iter().enumerate() {
            let free = width - letters.face.width(line.trim_end(), letters.size);
            let x = if right { x + free.max(0.0) } else { x };
            // Lines of all cells stand at the same height.
            let leading = if letters.face == Face::Strong { HEAD.leading() } else { CELL.leading() };
            self.text(part, x, top + count(index) * leading, letters, line);
        }
    }
}

fn count(number: usize) -> f32 {
    u16::try_from(number).map_or(f32::from(u16::MAX), f32::from)
}

fn height(row: &Row, letters: Letters) -> f32 {
    count(row.lines) * letters.leading() + 2.0 * PAD
}

/// How many lines of a row fit into a height.
fn fitting(height: f32) -> usize {
    let mut lines = 0;
    while count(lines + 1) * CELL.leading() + 2.0 * PAD <= height {
        lines += 1;
    }
    lines
}

/// Columns are as wide as what they hold, where that fits; else the widest give.
fn widths(columns: &[Column], rows: &[Vec<String>]) -> Vec<f32> {
    let free = WIDTH - GAP * count(columns.len().saturating_sub(1));
    // What a column wants to be, and what it has to be not to part words.
    let (mut wanted, mut least) = (Vec::new(), Vec::new());
    for (index, column) in columns.iter().enumerate() {
        let letters = letters(column);
        let width = |text: &str| letters.face.width(text, letters.size);
        let cells = || rows.iter().filter_map(|row| row.get(index)).flat_map(|cell| cell.split('\n'));
        let head = HEAD.face.width(&column.name, HEAD.size);
        let head_word = column.name.split(' ').map(|word| HEAD.face.width(word, HEAD.size)).fold(0.0, f32::max);
        let word = cells().flat_map(|line| line.split(' ')).map(width).fold(head_word, f32::max);
        wanted.push(cells().map(width).fold(head, f32::max) + 1.0);
        least.push(word + 1.0);
    }
    let total: f32 = wanted.iter().sum();
    if total <= free {
        // A little air for each; what is left then goes to the last column of words, mostly the one with sentences.
        let air = ((free - total) / count(columns.len().max(1))).min(18.0);
        wanted.iter_mut().for_each(|width| *width += air);
        let rest = free - wanted.iter().sum::<f32>();
        // Numbers stay where they are.
        let last = columns.iter().rposition(|column| !column.right).unwrap_or_default();
        if let Some(last) = wanted.get_mut(last) {
            *last += rest;
        }
        return wanted;
    }
    // No single word takes more than its share; a fingerprint is one word, to be read in one piece.
    let share = (free / count(columns.len().max(1))).max(free * 0.3);
    let share = |column: &Column| if column.fixed { share.max(free * 0.5) } else { share };
    let mut given: Vec<f32> = least.iter().zip(columns).map(|(least, column)| least.min(share(column))).collect();
    let sum: f32 = given.iter().sum();
    if sum > free {
        given.iter_mut().for_each(|width| *width *= free / sum);
        return given;
    }
    // The rest goes where it lacks.
    let lacking: f32 = wanted.iter().zip(&given).map(|(wanted, given)| (wanted - given).max(0.0).sqrt()).sum();
    let mut rest = free - sum;
    let asks: Vec<f32> = wanted.iter().zip(&given).map(|(wanted, given)| (wanted - given).max(0.0)).collect();
    for (width, ask) in given.iter_mut().zip(&asks) {
        let more = if lacking > 0.0 { ((free - sum) * ask.sqrt() / lacking).min(*ask) } else { 0.0 };
        *width += more;
        rest -= more;
    }
    // What narrow columns did not take goes to the one that lacks most.
    let widest = asks.iter().enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index);
    if let Some(width) = widest.and_then(|index| given.get_mut(index)) {
        *width += rest.max(0.0);
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(count: usize) -> Vec<Column> {
        (0..count).map(|number| Column { name: format!("Column {number}"), ..Column::default() }).collect()
    }

    #[test]
    fn columns_fill_the_page_and_never_more() {
        let long = "word ".repeat(80);
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        for rows in [
            vec![row(&["a", "b", "c"])],
            vec![row(&["a", &long, "c"])],
            vec![row(&[&long, &long, &long])],
            vec![row(&[&"x".repeat(4000), "b", &"y".repeat(4000)])],
            Vec::new(),
        ] {
            let widths = widths(&columns(3), &rows);
            let sum: f32 = widths.iter().sum::<f32>() + 2.0 * GAP;
            assert!((sum - WIDTH).abs() < 1.0 && widths.iter().all(|width| *width > 10.0), "{widths:?}");
        }
        let two = widths(&columns(2), &[row(&["short", &long])]);
        assert!(two[0] < two[1] / 3.0, "what is short stays narrow: {two:?}");
        assert_eq!(widths(&[], &[]), Vec::<f32>::new());
    }
}
