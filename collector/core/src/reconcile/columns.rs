//! Which column of a list is what: as a site says in TOML, or as the headers say themselves.

use super::Fault;
use super::sheet::Table;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    Id,
    Name,
    Mac,
    Address,
    Serial,
    Maker,
    Model,
    Class,
    Site,
    Location,
    Owner,
    Status,
    Criticality,
}

impl Column {
    pub const ALL: [Column; 13] = [
        Column::Id,
        Column::Name,
        Column::Mac,
        Column::Address,
        Column::Serial,
        Column::Maker,
        Column::Model,
        Column::Class,
        Column::Site,
        Column::Location,
        Column::Owner,
        Column::Status,
        Column::Criticality,
    ];

    /// Headers that mean it, without spaces and signs, in lower case; the first ones win over later ones.
    pub const fn headers(self) -> &'static [&'static str] {
        match self {
            Column::Id => &[
                "assettag",
                "assetnumber",
                "assetno",
                "assetid",
                "asset",
                "controlnumber",
                "controlno",
                "cenumber",
                "tagnumber",
                "tagno",
                "tag",
                "equipmentnumber",
                "equipmentno",
                "equipmentid",
                "inventorynumber",
                "inventoryno",
                "cmmsid",
                "id",
            ],
            Column::Name => &[
                "hostname",
                "host",
                "computername",
                "devicename",
                "systemname",
                "networkname",
                "dnsname",
                "fqdn",
                "assetname",
                "name",
            ],
            Column::Mac => &[
                "macaddress",
                "mac",
                "macaddr",
                "macaddresses",
                "macid",
                "ethernetaddress",
                "physicaladdress",
                "hardwareaddress",
                "wiredmac",
                "wirelessmac",
                "wifimac",
                "lanmac",
                "mac1",
                "mac2",
            ],
            Column::Address => &[
                "ipaddress",
                "ip",
                "ipaddr",
                "ipaddresses",
                "ipv4",
                "ipv4address",
                "ipv6",
                "ipv6address",
                "networkaddress",
                "staticip",
                "deviceip",
            ],
            Column::Serial => &["serialnumber", "serialno", "serial", "sn", "serialnum", "manufacturerserialnumber"],
            Column::Maker => &[
                "manufacturer",
                "manufacturername",
                "maker",
                "mfr",
                "mfg",
                "make",
                "oem",
                "brand",
                "vendor",
                "vendorname",
            ],
            Column::Model => {
                &["modelnumber", "modelno", "model", "modelname", "devicemodel", "productmodel", "product"]
            }
            Column::Class => &[
                "devicetype",
                "equipmenttype",
                "assettype",
                "devicecategory",
                "equipmentcategory",
                "category",
                "modality",
                "deviceclass",
                "class",
                "type",
                "nomenclature",
                "gmdn",
                "umdns",
                "devicedescription",
                "description",
            ],
            Column::Site => &["site", "sitename", "facility", "facilityname", "campus", "hospital"],
            Column::Location => &[
                "location",
                "locationname",
                "room",
                "roomnumber",
                "roomno",
                "building",
                "floor",
                "ward",
                "currentlocation",
            ],
            Column::Owner => &[
                "department",
                "departmentname",
                "dept",
                "deptname",
                "owner",
                "ownername",
                "owningdepartment",
                "costcenter",
                "costcentre",
                "responsible",
                "custodian",
                "businessunit",
            ],
            Column::Status => &["status", "assetstatus", "equipmentstatus", "state", "lifecyclestatus", "condition"],
            Column::Criticality => &[
                "criticality",
                "risk",
                "risklevel",
                "riskclass",
                "riskscore",
                "priority",
                "equipmentrisk",
                "riskcategory",
            ],
        }
    }
}

/// `[columns]`: what -> headers, as a site writes them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The delimiter: `,`, `;` or a tab. It is found otherwise.
    pub delimiter: Option<char>,
    /// The sheet of a workbook. The first with a header otherwise.
    pub sheet: Option<String>,
    #[serde(default)]
    pub columns: BTreeMap<Column, Headers>,
}

/// One header, or several whose values belong together.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Headers {
    One(String),
    Several(Vec<String>),
}

impl Mapping {
    /// Reads a mapping; a fault says line and column.
    pub fn parse(file: &str, text: &str) -> Result<Mapping, Fault> {
        let mapping: Mapping = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let before = text.get(..at).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
            Fault { place: format!("{file}:{line}:{column}"), why: "no mapping of columns: see docs/inventory.md" }
        })?;
        if mapping.delimiter.is_some_and(|letter| !matches!(letter, ',' | ';' | '\t')) {
            return Err(Fault { place: file.to_owned(), why: "the delimiter is `,`, `;` or a tab" });
        }
        Ok(mapping)
    }
}

/// Which column holds what, and the row of the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Index into the rows of the table.
    pub header: usize,
    pub columns: BTreeMap<Column, Vec<usize>>,
    /// Headers that mean nothing here.
    pub unused: Vec<String>,
}

fn plain(header: &str) -> String {
    header.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Rows looked at for the headers: above them stand titles.
const HEADER_WITHIN: usize = 20;

/// Finds the header row and what its columns are.
pub fn find(table: &Table, mapping: &Mapping) -> Result<Found, Fault> {
    if !mapping.columns.is_empty() {
        return said(table, mapping);
    }
    let guesses = table.rows.iter().take(HEADER_WITHIN).enumerate().map(|(at, _)| guess(table, at));
    // The first row that names the most things.
    let best = guesses.rev().max_by_key(|found| found.columns.len());
    best.filter(|found| found.columns.len() >= 2).ok_or_else(|| Fault {
        place: table.file.clone(),
        why: "no row of headers was found in the first 20; name the columns with --columns",
    })
}

fn guess(table: &Table, at: usize) -> Found {
    let headers: Vec<String> =
        table.rows.get(at).map(|row| row.cells.iter().map(|cell| plain(cell)).collect()).unwrap_or_default();
    let mut columns: BTreeMap<Column, Vec<usize>> = BTreeMap::new();
    let mut used = std::collections::BTreeSet::new();
    for column in Column::ALL {
        for known in column.headers() {
            for (index, header) in headers.iter().enumerate() {
                let of_it = columns.entry(column).or_default();
                // A list has one serial and one name, and may have several addresses.
                let several = matches!(column, Column::Mac | Column::Address);
                if header == known && (several || of_it.is_empty()) && used.insert(index) {
                    of_it.push(index);
                }
            }
        }
    }
    columns.retain(|_, of_it| !of_it.is_empty());
    Found { header: at, columns, unused: unused(table, at, &used) }
}

fn unused(table: &Table, at: usize, used: &std::collections::BTreeSet<usize>) -> Vec<String> {
    let cells = table.rows.get(at).map(|row| row.cells.as_slice()).unwrap_or_default();
    let rest = cells.iter().enumerate().filter(|(index, cell)| !used.contains(index) && !cell.trim().is_empty());
    rest.map(|(_, cell)| cell.trim().chars().filter(|letter| !letter.is_control()).take(64).collect()).collect()
}

fn said(table: &Table, mapping: &Mapping) -> Result<Found, Fault> {
    let wanted: Vec<(Column, Vec<String>)> = mapping
        .columns
        .iter()
        .map(|(column, headers)| match headers {
            Headers::One(one) => (*column, vec![plain(one)]),
            Headers::Several(several) => (*column, several.iter().map(|one| plain(one)).collect()),
        })
        .collect();
    for (at, row) in table.rows.iter().take(HEADER_WITHIN).enumerate() {
        let place = |header: &String| row.cells.iter().position(|cell| plain(cell) == *header);
        let columns: Option<BTreeMap<Column, Vec<usize>>> = wanted
            .iter()
            .map(|(column, headers)| Some((*column, headers.iter().map(place).collect::<Option<Vec<usize>>>()?)))
            .collect();
        if let Some(columns) = columns {
            let used = columns.values().flatten().copied().collect();
            return Ok(Found { header: at, columns, unused: unused(table, at, &used) });
        }
    }
    Err(Fault { place: table.file.clone(), why: "none of the first 20 rows has all the headers that --columns names" })
}
