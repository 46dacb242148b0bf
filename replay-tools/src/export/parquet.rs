//! Apache Parquet: one column per part of an event, and two more by which analysts filter.

use super::{Contenu, Evenement, ExportFault, Writer};
use ledger::envelope::Envelope;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::SerializedFileReader;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::reader::RowIter;
use parquet::record::{Row, RowAccessor};
use parquet::schema::parser::parse_message_type;
use std::fs::File;
use std::sync::Arc;

const SCHEMA: &str = "message evenement {
    required int64 position;
    required int64 enregistre_le (TIMESTAMP(MICROS, true));
    required binary type (UTF8);
    required binary empreinte (UTF8);
    required binary feuille (UTF8);
    required binary charge (UTF8);
    required binary etat (UTF8);
    optional binary sel (UTF8);
    optional binary texte (UTF8);
}";

/// Events of a row group: what is held in memory.
const GROUP: usize = 5_000;

/// Writes columns, a group of rows at a time.
pub struct Columns {
    file: SerializedFileWriter<File>,
    rows: Vec<Evenement>,
}

impl Columns {
    /// Columns at the beginning of a file.
    pub fn new(file: File) -> Result<Self, ExportFault> {
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let file = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
        Ok(Self { file, rows: Vec::new() })
    }

    fn write_group(&mut self) -> Result<(), ExportFault> {
        let rows = std::mem::take(&mut self.rows);
        let envelope = |event: &Evenement| {
            let read: Result<Envelope, _> = serde_json::from_str(&event.feuille);
            read.map_err(|_| ExportFault::Envelope(event.position))
        };
        let envelopes = rows.iter().map(envelope).collect::<Result<Vec<_>, _>>()?;
        let mut group = self.file.next_row_group()?;
        numbers(&mut group, rows.iter().map(|row| row.position))?;
        numbers(&mut group, envelopes.iter().map(|envelope| envelope.recorded_at.timestamp_micros()))?;
        texts(&mut group, envelopes.iter().map(|envelope| Some(envelope.event_type.as_str())), false)?;
        texts(&mut group, rows.iter().map(|row| Some(row.empreinte.as_str())), false)?;
        texts(&mut group, rows.iter().map(|row| Some(row.feuille.as_str())), false)?;
        texts(&mut group, rows.iter().map(|row| Some(row.charge.as_str())), false)?;
        texts(&mut group, rows.iter().map(|row| Some(row.contenu.etat())), false)?;
        let opened = |row: &'_ Evenement| match &row.contenu {
            Contenu::Ouvert { sel, texte } => Some((sel.clone(), texte.clone())),
            Contenu::Efface | Contenu::Sante | Contenu::Ferme => None,
        };
        let opened: Vec<_> = rows.iter().map(opened).collect();
        texts(&mut group, opened.iter().map(|opened| Some(opened.as_ref()?.0.as_str())), true)?;
        texts(&mut group, opened.iter().map(|opened| Some(opened.as_ref()?.1.as_str())), true)?;
        group.close()?;
        Ok(())
    }
}

impl Writer for Columns {
    fn write(&mut self, event: &Evenement) -> Result<(), ExportFault> {
        self.rows.push(event.clone());
        if self.rows.len() < GROUP { Ok(()) } else { self.write_group() }
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportFault> {
        if !self.rows.is_empty() {
            self.write_group()?;
        }
        self.file.close()?;
        Ok(())
    }
}

type Group<'a> = SerializedRowGroupWriter<'a, File>;

fn numbers(group: &mut Group<'_>, values: impl Iterator<Item = i64>) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<Int64Type>().write_batch(&values.collect::<Vec<_>>(), None, None)?;
    column.close()
}

fn texts<'t>(
    group: &mut Group<'_>,
    values: impl Iterator<Item = Option<&'t str>>,
    optional: bool,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    let values: Vec<_> = values.collect();
    let defined: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let present: Vec<_> = values.into_iter().flatten().map(ByteArray::from).collect();
    let levels = optional.then_some(defined.as_slice());
    column.typed::<ByteArrayType>().write_batch(&present, levels, None)?;
    column.close()
}

/// The events of a file.
pub fn read(file: File) -> Result<impl Iterator<Item = Result<Evenement, ExportFault>>, ExportFault> {
    let rows = RowIter::from_file_into(Box::new(SerializedFileReader::new(file)?));
    let mut after = 0;
    Ok(rows.map(move |row| {
        let event = event(&row?).ok().flatten().ok_or(ExportFault::Event { after })?;
        after = event.position;
        Ok(event)
    }))
}

fn event(row: &Row) -> Result<Option<Evenement>, ParquetError> {
    let (sel, texte) = (optional(row, 7)?, optional(row, 8)?);
    let Some(contenu) = Contenu::read(row.get_string(6)?, sel, texte) else { return Ok(None) };
    Ok(Some(Evenement {
        position: row.get_long(0)?,
        empreinte: row.get_string(3)?.clone(),
        feuille: row.get_string(4)?.clone(),
        charge: row.get_string(5)?.clone(),
        contenu,
    }))
}

fn optional(row: &Row, column: usize) -> Result<Option<String>, ParquetError> {
    if row.is_null(column)? { Ok(None) } else { row.get_string(column).cloned().map(Some) }
}
