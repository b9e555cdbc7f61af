import { csvReport } from './csv-report.ts';
import { htmlReport } from './html/html-report.ts';
import { latexReport } from './latex-report.ts';
import { markdownReport } from './markdown-report.ts';
import type { ReportData, ReportFormat } from './report-data.ts';

const writers: Readonly<Record<ReportFormat, (data: ReportData) => string>> = {
  html: htmlReport,
  markdown: markdownReport,
  latex: latexReport,
  csv: csvReport,
  json: (data) => `${JSON.stringify(data, null, 2)}\n`,
};

/** What a file of the format is called behind its dot. */
export const reportExtensions: Readonly<Record<ReportFormat, string>> = {
  html: 'html',
  markdown: 'md',
  latex: 'tex',
  csv: 'csv',
  json: 'json',
};

/** The whole report in one text. Pure: the same data give the same text. */
export const writeReport = (data: ReportData, format: ReportFormat): string => writers[format](data);
