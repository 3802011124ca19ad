import t from 'tap';
import { chooseForm } from '../../../src/api/podnetd/accepted-form.js';

const prometheus2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,' +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';

/** What Prometheus sends when it does not want OpenMetrics. */
const protobufFirst =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
  'text/plain;version=0.0.4;q=0.3,*/*;q=0.1';

const wanted: Readonly<Record<string, 'prometheus' | 'openmetrics'>> = {
  '*/*': 'prometheus',
  '': 'prometheus',
  'text/html, */*': 'prometheus',
  'application/*': 'prometheus',
  'text/plain': 'prometheus',
  'application/openmetrics-text': 'openmetrics',
  'Application/OpenMetrics-Text; Version=1.0.0': 'openmetrics',
  'application/openmetrics-text; version=2.0.0': 'prometheus',
  'application/openmetrics-text;q=0': 'prometheus',
  'application/openmetrics-text;q=x': 'prometheus',
  'text/plain, application/openmetrics-text': 'prometheus',
  'text/plain;q=0.9, application/openmetrics-text': 'openmetrics',
  ';;,,=;q=': 'prometheus',
  [prometheus2]: 'openmetrics',
  [prometheus3]: 'openmetrics',
  [protobufFirst]: 'prometheus',
};

t.equal(chooseForm(), 'prometheus');
for (const [accept, form] of Object.entries(wanted)) t.equal(chooseForm(accept), form, accept);
