package logistic_test

import (
	"context"
	"flag"
	"testing"

	"fm/model/logistic"
	"fm/model/modeltest"
)

var tables = flag.String("tables", "", "folder of the reference tables")

// The bars are scikit-learn 1.2.1's LogisticRegression(C=1) on one-hot, standardised
// columns, less 0.002.
func TestTables(t *testing.T) {
	if *tables == "" {
		t.Skip("needs -tables")
	}
	bars := map[string]float64{"NSL-KDD": 0.7812, "KDD99": 0.9535, "UNSW-NB15": 0.9809, "HIGGS": 0.6933, "NF-BoT-IoT": 0.9694, "CICIDS2017": 0.9948}
	for _, r := range modeltest.References() {
		t.Run(r.Name, func(t *testing.T) {
			f, train, g, test := r.Load(t, *tables)
			for _, c := range []float64{1, 0} {
				s, err := logistic.Trainer{C: c, Seed: 1}.Train(context.Background(), f, train)
				if err != nil {
					t.Fatal(err)
				}
				auc, loss := modeltest.Judge(s, g, test)
				t.Logf("C %v: AUC %.4f, log loss %.4f; %v %v", c, auc, loss, s.(*logistic.Linear).Notes(), s.(*logistic.Linear).Warnings())
				if auc < bars[r.Name]-0.002 {
					t.Errorf("C %v: AUC %.4f, want %.4f less 0.002", c, auc, bars[r.Name])
				}
			}
		})
	}
}
