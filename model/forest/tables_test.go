package forest_test

import (
	"context"
	"flag"
	"testing"

	"fm/model/forest"
	"fm/model/modeltest"
)

var tables = flag.String("tables", "", "folder of the reference tables")

// The bars are scikit-learn 1.2.1's RandomForestClassifier(100) less 0.003.
func TestTables(t *testing.T) {
	if *tables == "" {
		t.Skip("needs -tables")
	}
	bars := map[string]float64{"NSL-KDD": 0.9635, "KDD99": 0.9820, "UNSW-NB15": 0.9975, "HIGGS": 0.8269, "NF-BoT-IoT": 0.9972, "CICIDS2017": 1}
	for _, r := range modeltest.References() {
		t.Run(r.Name, func(t *testing.T) {
			f, train, g, test := r.Load(t, *tables)
			s, err := forest.Trainer{Seed: 1}.Train(context.Background(), f, train)
			if err != nil {
				t.Fatal(err)
			}
			auc, loss := modeltest.Judge(s, g, test)
			t.Logf("AUC %.4f, log loss %.4f", auc, loss)
			if auc < bars[r.Name]-0.003 {
				t.Errorf("AUC %.4f, want %.4f less 0.003", auc, bars[r.Name])
			}
		})
	}
}
